export { fromError, fromProvider, type RenewalFailure } from './outcome/renewal-failure.js';
export { RenewalModule } from './renewal.module.js';
export type { RenewalResult } from './renewal-result.js';
export { Renewer } from './renewer.js';
export { startBackchannel } from './request/start-backchannel.js';
export { withEachSecret } from './request/with-each-secret.js';
export { isFresh } from './schedule/is-fresh.js';
export { RenewalModeService } from './schedule/renewal-mode.service.js';
