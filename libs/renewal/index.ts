export { Reconciler } from './reconciler.js';
export { RenewalModule } from './renewal.module.js';
export { RenewalModeService } from './renewal-mode.service.js';
export { type RenewalOptions, type RenewalResult, type RenewalTarget, Renewer } from './renewer.js';
export type { ServedToken, TokenAnswer } from './token-answer.js';
export { TokenReader } from './token-reader.js';
