/** Of undici 7 and later, as far as it is needed here. */
interface Controller {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

interface RequestContext {
  /** The addresses of a request that was redirected. */
  readonly history?: readonly URL[];
}

export interface UndiciHandler {
  onRequestStart?(controller: Controller, context: RequestContext): void;
  onRequestUpgrade?(controller: Controller, status: number, headers: object, socket: unknown): void;
  onResponseStart?(controller: Controller, status: number, headers: object, message?: string): void;
  onResponseData?(controller: Controller, chunk: unknown): void;
  onResponseEnd?(controller: Controller, trailers: object): void;
  onResponseError?(controller: Controller | null, error: unknown): void;
}

export interface UnauthorizedSteps {
  /** Reports the 401. @returns whether to send the request again */
  reject(url: URL | undefined): Promise<boolean>;
  retry(): void;
}

/** Holds a 401 back until it is reported; then lets it through, or drops it and has the request sent again. */
export class UnauthorizedHandler implements UndiciHandler {
  readonly #handler: UndiciHandler;
  readonly #steps: UnauthorizedSteps;
  #history: readonly URL[] = [];
  #isDropped = false;
  #hasFailed = false;

  constructor(handler: UndiciHandler, steps: UnauthorizedSteps) {
    this.#handler = handler;
    this.#steps = steps;
  }

  onRequestStart(controller: Controller, context: RequestContext): void {
    this.#history = context?.history ?? [];
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(controller: Controller, status: number, headers: object, socket: unknown): void {
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: object, message?: string): void {
    const pass = () => this.#handler.onResponseStart?.(controller, status, headers, message);
    if (status === 401) {
      controller.pause();
      this.#decide(controller, pass).catch((error: Error) => controller.abort(error));
    } else {
      pass();
    }
  }

  onResponseData(controller: Controller, chunk: unknown): void {
    if (!this.#isDropped) this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Controller, trailers: object): void {
    if (!this.#isDropped) this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller | null, error: unknown): void {
    this.#hasFailed = true;
    if (!this.#isDropped) this.#handler.onResponseError?.(controller, error);
  }

  async #decide(controller: Controller, pass: () => void): Promise<void> {
    const again = await this.#steps.reject(this.#history.at(-1));
    if (this.#hasFailed) return;
    if (again) {
      this.#isDropped = true;
      controller.abort(new Error('The request is sent again with another token.'));
      this.#steps.retry();
    } else {
      pass();
      controller.resume();
    }
  }
}
