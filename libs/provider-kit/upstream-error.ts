import { type FailureClass, type FailureCode, failureCodes } from './failure-codes.js';

/**
 * The provider gave no usable answer. `requestSent` is false only when it is certain that no byte of the request
 * left: such a call may be repeated whatever it would have sent, so its class is then `transient` at worst.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly class: FailureClass;

  constructor(
    readonly code: FailureCode,
    readonly requestSent: boolean,
    message: string,
    /** Of a metadata document: the member at fault. */
    readonly member?: string,
  ) {
    super(message);
    const byCode = failureCodes[code].class;
    this.class = byCode === 'unknown' && !requestSent ? 'transient' : byCode;
  }
}
