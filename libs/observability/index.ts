export { ApplicationLogger } from './application-logger.js';
export { log, logReady } from './log.js';
export { describeError, redact } from './redaction.js';
export { runApplication } from './run-application.js';
export { explainStartupFailure } from './startup-failure.js';
