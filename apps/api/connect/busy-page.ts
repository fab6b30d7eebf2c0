import type { FastifyReply } from 'fastify';
import { TooManyVisits } from '#connect';
import { type Page, sendPage } from './page.js';

/** The result of the work, or `busy` when the browser was not let in. */
export function orBusy<T>(work: Promise<T>): Promise<T | 'busy'> {
  return work.catch((error: unknown) => {
    if (error instanceof TooManyVisits) return 'busy' as const;
    throw error;
  });
}

export const busyPage: Page = {
  status: 503,
  title: 'Too many are here at once',
  text: 'Nothing was done. Load this page again in a few seconds.',
};

export function sendBusyPage(reply: FastifyReply): FastifyReply {
  return sendPage(reply, busyPage);
}
