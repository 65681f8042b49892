// @ts-check
// Runs the compiled tests while strace delays system calls of every process and thread, a kind of call at a time:
// `npm run test:late`, `npm run test:late -- read wait`, `npm run test:late -- random net/ --seed 7`. What a test takes
// for an order of events that is only usual fails here. Skips, and says why, where strace does not work. --root DIR is
// for the tests of this file.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runFileLanes } from './fileLanes.mjs';
import { delaysOf, kinds, leftOut } from './late/kinds.mjs';
import { namedLike, testFiles } from './testFiles.mjs';

const fileLimitMs = 900_000;
// A test that takes longer than 10 minutes hangs: the delays alone take one or two.
const testLimitMs = 600_000;
const { values, positionals } = parseArgs({
  options: {
    root: { type: 'string' },
    lanes: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const root = values.root ?? new URL('..', import.meta.url).pathname;
process.exitCode = await main();

async function main() {
  const reason = reasonNotToTrace();
  if (reason !== undefined) {
    console.log(`late is skipped as ${reason}`);
    return 0;
  }
  const named = kinds.filter((kind) => positionals.includes(kind));
  const filters = positionals.filter((name) => !kinds.includes(name));
  let passed = true;
  for (const kind of named.length > 0 ? named : kinds) {
    const files = chosenFiles(kind, filters);
    if (files.length === 0) {
      console.error(`Cannot run as no file is named like ${filters.join(', ')}; the kinds: ${kinds.join(', ')}`);
      return 1;
    }
    const title = kind === 'random' ? `late: random: seed ${values.seed}` : `late: ${kind}`;
    console.log(`${title}: ${files.length} test files`);
    const of = (/** @type {string} */ file) => tracedRun(file, delaysOf(kind, file, values.seed));
    const kindPassed = await runFileLanes(files, { title, lanes: Number(values.lanes), limitMs: fileLimitMs, of });
    passed &&= kindPassed;
  }
  return passed ? 0 : 1;
}

/** @param {string} kind @param {readonly string[]} filters */
function chosenFiles(kind, filters) {
  return namedLike(testFiles(root), filters).filter((file) => {
    for (const [part, { of, reason }] of leftOut) {
      if (!file.includes(part) || !of.includes(kind)) continue;
      console.log(`left out: ${file}: ${reason}`);
      return false;
    }
    return true;
  });
}

/** @param {string} file @param {readonly import('./late/kinds.mjs').Delay[]} delays */
function tracedRun(file, delays) {
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const filters = [
    `trace=${delays.map(({ calls }) => calls.join(',')).join(',')}`,
    ...delays.map(({ calls, delay }) => `inject=${calls.join(',')}:${delay}`),
    'signal=none',
  ];
  // With --seccomp-bpf only the calls that are delayed stop.
  const strace = ['-f', '-qq', '--seccomp-bpf', ...filters.flatMap((filter) => ['-e', filter]), '-o', '/dev/null'];
  const node = [process.execPath, '--test-reporter=tap', `--test-timeout=${testLimitMs}`, file];
  return { program: 'strace', args: [...strace, ...node], cwd: root, env };
}

function reasonNotToTrace() {
  if (process.arch !== 'x64') return 'the calls have the names of x86-64';
  const probe = ['-f', '--seccomp-bpf', '-e', 'inject=dup3:delay_enter=1', 'true'];
  const { error, status, stderr } = spawnSync('strace', probe, { encoding: 'utf8' });
  if (error !== undefined) return 'strace is not installed';
  return status === 0 ? undefined : `strace does not work: ${stderr.trim()}`;
}
