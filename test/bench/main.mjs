import { cpus } from 'node:os';
import { startTestDatabase } from '../../libs/testing/jest/database-server.ts';
import { measureRenewals, renewalTable } from './renewal.mjs';
import { measurePrice, priceTable } from './renewal-price.mjs';
import { benchTokenRead } from './token-read.mjs';

const database = await startTestDatabase();
try {
  const url = new URL(database.url);
  url.pathname = '/gk_template';
  process.stdout.write(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}\n\n`);
  process.stdout.write(`${await benchTokenRead(url.href)}\n\n`);
  process.stdout.write(`${renewalTable(await measureRenewals(url.href, 2_000))}\n\n`);
  process.stdout.write(`${priceTable(await measurePrice(url.href))}\n`);
} finally {
  await database.remove();
}
