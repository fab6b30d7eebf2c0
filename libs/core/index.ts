export { CoreModule } from './core.module.js';
export { Metrics } from './metrics.js';
