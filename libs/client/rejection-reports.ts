import type { RejectionAnswer } from './api-types.js';
import type { ConnectionName } from './connection-name.js';
import type { GrantkeeperHttp } from './grantkeeper-http.js';
import { HoldOff } from './hold-off.js';

/** Reports each rejected generation of one connection once, however many requests were refused. */
export class RejectionReports {
  readonly #connection: ConnectionName;
  readonly #http: GrantkeeperHttp;
  readonly #holdOff = new HoldOff();
  readonly #underWay = new Map<number, Promise<RejectionAnswer>>();

  constructor(connection: ConnectionName, http: GrantkeeperHttp) {
    this.#connection = connection;
    this.#http = http;
  }

  async report(generation: number): Promise<RejectionAnswer> {
    const underWay = this.#underWay.get(generation);
    if (underWay) return underWay;
    this.#holdOff.check();
    const answer = this.#send(generation).finally(() => this.#underWay.delete(generation));
    this.#underWay.set(generation, answer);
    return answer;
  }

  async #send(generation: number): Promise<RejectionAnswer> {
    try {
      const answer = await this.#http.reportRejection(this.#connection, generation);
      this.#holdOff.end();
      return answer;
    } catch (error) {
      this.#holdOff.lengthen(error);
      throw error;
    }
  }
}
