// Defects on purpose, each in a copy of the built package: `npm run stress:seeded -- [--from N]`.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { defects } from './defects.ts';
import { PatchedCopy } from './patchedCopy.ts';

const { values } = parseArgs({ options: { from: { type: 'string', default: '1' } } });
const limitMs = 120_000;

/** Whether a suite passes in a copy. */
function passes(copy: PatchedCopy, suite: string): boolean {
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
  const copy = new PatchedCopy();
  const known = new Map<string, boolean>();
  let found = 0;
  const wanted = defects.slice(Number(values.from) - 1);
  try {
    for (const defect of wanted) {
      const { suite } = defect;
      // Without the defect the suite must pass: else its failure proves nothing.
      if (!known.has(suite)) known.set(suite, passes(copy, suite));
      if (known.get(suite) === false) {
        process.stdout.write(`not ok: ${suite} fails without any defect\n`);
        continue;
      }
      const undo = copy.apply(defect);
      const hit = !passes(copy, suite);
      undo();
      if (hit) found++;
      process.stdout.write(`| ${hit ? 'found' : 'NOT FOUND'} | ${defect.name} | ${suite.replace(/\.js$/, '.ts')} |\n`);
    }
  } finally {
    copy.remove();
  }
  process.stdout.write(`seeded: ${found} of ${wanted.length} defects found\n`);
  return found === wanted.length && found > 0 ? 0 : 1;
}

process.exitCode = main();
