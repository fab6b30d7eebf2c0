export { ApplicationLogger } from './application-logger.js';
export { log, logReady } from './log.js';
export { runApplication } from './run-application.js';
