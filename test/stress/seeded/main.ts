// Defects on purpose, each in a copy of the package: `npm run stress:seeded -- [--from N]`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type PatchedPackage, patchedPackage } from '../../support/patchedPackage.ts';
import { defects } from './defects.ts';

const { values } = parseArgs({ options: { from: { type: 'string', default: '1' } } });
const limitMs = 120_000;

/** Whether a suite passes in a copy. */
function passes(copy: PatchedPackage, suite: string): boolean {
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const args = ['--test', '--test-timeout=60000', path.join('build', 'test', suite)];
  const { status } = spawnSync(process.execPath, args, {
    cwd: copy.root,
    env,
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  return status === 0;
}

function main(): number {
  using sound = patchedPackage([]);
  const known = new Map<string, boolean>();
  let found = 0;
  const wanted = defects.slice(Number(values.from) - 1);
  for (const defect of wanted) {
    const { name, suite } = defect;
    // Without the defect the suite must pass: else its failure proves nothing.
    if (!known.has(suite)) known.set(suite, passes(sound, suite));
    if (known.get(suite) === false) {
      process.stdout.write(`not ok: ${suite} fails without any defect\n`);
      continue;
    }
    using copy = patchedPackage([defect]);
    const hit = !passes(copy, suite);
    if (hit) found++;
    process.stdout.write(`| ${hit ? 'found' : 'NOT FOUND'} | ${name} | ${suite.replace(/\.js$/, '.ts')} |\n`);
  }
  process.stdout.write(`seeded: ${found} of ${wanted.length} defects found\n`);
  return found === wanted.length && found > 0 ? 0 : 1;
}

process.exitCode = main();
