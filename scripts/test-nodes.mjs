// @ts-check
// Runs the compiled tests on the other Node lines, which test/runtime pins: `npm run test:nodes`, with the same
// arguments as `npm test`.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
// These test the scripts and the declarations of the project, which are the same on every Node.
const leftOut = ['--without', 'test/house/', '--without', 'test/declarations/'];
const folder = join(root, 'test/runtime');

/** @type {{ optionalDependencies: Record<string, string> }} */
const { optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const lines = Object.entries(optionalDependencies)
  .filter(([name]) => name.endsWith(`-${process.arch}`))
  .map(([name, alias]) => ({ name, version: alias.slice(alias.lastIndexOf('@') + 1) }));
process.exitCode = main();

function main() {
  if (lines.length === 0) {
    console.log(`Other Node lines are skipped as test/runtime pins none for ${process.arch}`);
    return 0;
  }
  if (!lines.every(installed))
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const results = lines.map(run);
  for (const { version, status, failures } of results) {
    console.log(`Node ${version}: ${status === 0 ? 'passed' : `failed (exit ${status})`}`);
    if (status !== 0) console.log(failures);
  }
  return results.every(({ status }) => status === 0) ? 0 : 1;
}

/** @param {{ name: string, version: string }} line */
function run({ name, version }) {
  if (!installed({ name, version })) throw new Error(`Cannot run on Node ${version} as npm ci did not install ${name}`);
  const scratch = mkdtempSync(join(tmpdir(), 'epoll-ts-nodes-'));
  const failures = join(scratch, 'failures');
  try {
    const node = join(folder, 'node_modules', name, 'bin/node');
    const args = [join(root, 'scripts/test.mjs'), '--failures', failures, ...leftOut, ...process.argv.slice(2)];
    const { status } = spawnSync(node, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    return { version, status, failures: text(failures) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** @param {string} file */
function text(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the run ended before its reporter began
  }
}

/** @param {{ name: string, version: string }} line */
function installed({ name, version }) {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version === version;
  } catch {
    return false; // no such file: not installed yet
  }
}
