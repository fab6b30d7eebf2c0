/** For the server: loaded, and counting nothing until a part asks for it. */
export const statementSettings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'none',
};

/**
 * Counts the statements that clients send to this database, `begin` and `commit` among them; what functions and triggers
 * run inside does not count. Of sessions that begin after this.
 *
 * @param {import('pg').Pool} database as superuser
 */
export async function countStatements(database) {
  await database.query('create extension if not exists pg_stat_statements');
  const { rows } = await database.query('select current_database() as name');
  const name = `"${rows[0].name}"`;
  await database.query(`alter database ${name} set pg_stat_statements.track = 'top'`);
  return {
    reset: () => database.query('select pg_stat_statements_reset()'),
    /** @returns {Promise<{ query: string, calls: number }[]>} since the last reset */
    seen: async () =>
      (
        await database.query(
          `select query, calls::int from pg_stat_statements
           where dbid = (select oid from pg_database where datname = current_database()) order by calls desc, query`,
        )
      ).rows,
    stop: () => database.query(`alter database ${name} reset pg_stat_statements.track`),
  };
}

/** @param {readonly { query: string, calls: number }[]} seen @param {RegExp} pattern */
export function callsOf(seen, pattern = /(?:)/) {
  return seen.filter(({ query }) => pattern.test(query)).reduce((sum, { calls }) => sum + calls, 0);
}
