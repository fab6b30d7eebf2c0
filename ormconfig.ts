import { DataSource } from 'typeorm';
import { dataSourceOptions } from './libs/vault/data-source-options.js';

/** For the TypeORM CLI, run on the compiled output: `typeorm -d dist/ormconfig.js migration:show`. */
export default new DataSource(
  dataSourceOptions(
    process.env['DATABASE_DIRECT_URL'] ?? process.env['DATABASE_URL'] ?? 'postgres://localhost/grantkeeper',
  ),
);
