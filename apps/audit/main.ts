import 'reflect-metadata';
import { runAuditCommand } from './audit-command.js';

// Given by a script, its own arguments stand before those of the command.
const args = process.argv.slice(process.argv[2] === 'audit' ? 3 : 2);
process.exitCode = await runAuditCommand(args);
