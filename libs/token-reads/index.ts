export type { ServedToken, TokenAnswer } from './token-answer.js';
export { TokenReader } from './token-reader.js';
export { TokenReadsModule } from './token-reads.module.js';
