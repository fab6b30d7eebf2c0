import { parentPort } from 'node:worker_threads';
import { startTestDatabase } from '../../libs/testing/jest/database-server.ts';
import { statementSettings } from './statements.mjs';

/** The server of the bench, in a thread of its own: to start one waits for programs, and would hold up the clients. */
const database = await startTestDatabase(statementSettings);
parentPort?.on('message', async (/** @type {'restart' | 'remove'} */ message) => {
  await database[message]();
  parentPort?.postMessage('done');
  if (message === 'remove') parentPort?.close();
});
parentPort?.postMessage(database.url);
