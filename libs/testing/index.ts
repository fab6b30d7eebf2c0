export { type Core, type CoreOptions, createCore } from './core.js';
export { startDatabaseHole } from './database-hole.js';
export { eventually } from './eventually.js';
export { type SandboxControl, type SandboxCount, sandboxControl } from './sandbox-control.js';
export { Stopwatch } from './stopwatch.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { connectClient, createTenant, type TestTenant } from './test-tenant.js';
