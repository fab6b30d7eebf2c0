export type { Problem, RejectionAnswer, Token } from './api-types.js';
export type { AxiosLike } from './attach/axios.js';
export type { FetchLike } from './attach/fetch.js';
export type { UndiciDispatch } from './attach/undici.js';
export type { GrantkeeperClientOptions } from './client-options.js';
export { GrantkeeperClient, type TokenOptions } from './grantkeeper-client.js';
export { GrantkeeperError, type GrantkeeperErrorCode, type LocalCode } from './grantkeeper-error.js';
