import pg from 'pg';

/**
 * Says of other connections that they have changed, in the words of the trigger, so many times a second. Its parent has
 * the ids, and is told how often it was said. Ends with its parent, or after a minute.
 */
const [databaseUrl, perSecond] = process.argv.slice(2);
const everyMs = 10;
const database = new pg.Client({ connectionString: databaseUrl });
await database.connect();

process.once('message', async ({ tenantId, ids }) => {
  const startedAtMs = performance.now();
  let said = 0;
  const say = async () => {
    const due = Math.floor(((performance.now() - startedAtMs) * Number(perSecond)) / 1_000) - said;
    const some = Array.from({ length: due }, (_, n) => ids[(said + n) % ids.length]);
    said += due;
    await database.query(
      "select pg_notify('gk_changes', 'connection ' || id || ' ' || $2) from unnest($1::text[]) id",
      [some, tenantId],
    );
    setTimeout(say, everyMs);
  };
  process.on('message', () => process.send?.({ said, seconds: (performance.now() - startedAtMs) / 1_000 }));
  await say();
});
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
setTimeout(() => process.exit(1), 60_000).unref();
