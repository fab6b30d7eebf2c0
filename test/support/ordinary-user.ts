import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The id of `nobody` nearly everywhere; a number needs no account. */
const nobodyId = 65_534;
const root = join(import.meta.dirname, '..', '..');
/** Not needed there: what is not part of the product, and what is made anew. */
const notCopied = new Set([
  ...['.ci', '.git', '.runtime', '.data', 'node_modules', 'docs', 'test', 'deploy'],
  // The build has it beside the product.
  '.compile-cache',
]);

/** An ordinary user: ourselves, unless we are root. */
export const ordinaryUser =
  process.getuid?.() === 0
    ? { uid: nobodyId, gid: nobodyId }
    : { uid: process.getuid?.() ?? nobodyId, gid: process.getgid?.() ?? nobodyId };

export function giveToOrdinaryUser(folder: string): void {
  chownSync(folder, ordinaryUser.uid, ordinaryUser.gid);
}

/**
 * A checkout of the ordinary user's own inside `folder`, complete with packages, build and Node, so that nothing has
 * to be downloaded: neither our checkout nor our Node need be in a place which that user can enter.
 * @returns its folder, and the Node to use
 */
export function checkoutOfOrdinaryUser(folder: string): { checkout: string; node: string } {
  const checkout = join(folder, 'checkout');
  const node = join(folder, 'node');
  // Times are kept: by them a build tells whether it is current.
  const parts = readdirSync(root).filter((name) => name !== 'dist');
  copyParts(root, parts, checkout);
  copyParts(join(root, 'dist'), readdirSync(join(root, 'dist')), join(checkout, 'dist'));
  mustRun('chown', ['-R', `${ordinaryUser.uid}:${ordinaryUser.gid}`, folder]);
  const packages = join(root, 'node_modules');
  if (mayEnter(packages)) symlinkSync(packages, join(checkout, 'node_modules'));
  else linkOrCopy(packages, join(checkout, 'node_modules'));
  linkOrCopy(process.execPath, node);
  chmodSync(folder, 0o755);
  return { checkout, node };
}

function copyParts(from: string, names: readonly string[], to: string): void {
  mkdirSync(to, { recursive: true });
  const wanted = names.filter((name) => !notCopied.has(name));
  mustRun('cp', ['-a', ...wanted.map((name) => join(from, name)), to]);
}

function mayEnter(folder: string): boolean {
  return spawnSync('ls', [folder], { ...ordinaryUser, stdio: 'ignore' }).status === 0;
}

/** Links take no time, but do not reach another file system. */
function linkOrCopy(from: string, to: string): void {
  if (spawnSync('cp', ['-al', from, to], { stdio: 'ignore' }).status === 0) return;
  mustRun('rm', ['-rf', to]);
  mustRun('cp', ['-a', from, to]);
}

function mustRun(file: string, args: string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} failed: ${stderr}`);
}
