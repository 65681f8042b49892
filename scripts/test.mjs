// @ts-check
// Runs the compiled tests with this Node's own runner, a process per file: `npm test`, `npm test -- reactor`.
// Arguments: parts of file names; --without PART leaves some out; --test-… options go to the runner. --failures FILE
// takes what failed, for a summary of several runs. --root DIR, --file-limit SECONDS and --limit SECONDS (of the whole
// run) are for the tests of this file.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runGroup } from './runner.mjs';
import { namedLike, testFiles } from './testFiles.mjs';

const oldest = [20, 19];
// A test that takes longer than 5 minutes hangs. The file gets a little more, so that its runner can say which test it
// was.
const testLimitMs = 300_000;

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--test-'));
const { values, positionals: filters } = parseArgs({
  args: process.argv.slice(2).filter((argument) => !flags.includes(argument)),
  options: {
    root: { type: 'string' },
    failures: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    'file-limit': { type: 'string', default: '330' },
    limit: { type: 'string', default: '2700' },
  },
  allowPositionals: true,
});
const root = values.root ?? new URL('..', import.meta.url).pathname;
process.exitCode = await main();

async function main() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < Number(oldest[0]) || (major === oldest[0] && minor < Number(oldest[1]))) {
    console.error(
      `Cannot run the tests as Node must be ${oldest.join('.')} or newer: current version is ${process.versions.node}`,
    );
    return 1;
  }
  const all = testFiles(root);
  const files = namedLike(all, filters).filter((file) => !values.without.some((part) => file.includes(part)));
  if (files.length === 0) {
    const reason =
      all.length === 0
        ? 'build/test holds no *.test.js: npm run build:test makes them'
        : `none of ${all.length} files is named like ${filters.join(', ')}`;
    console.error(`Cannot run the tests as there are none: ${reason}`);
    return 1;
  }
  console.log(`Node ${process.versions.node} ${process.arch}: ${files.length} test files`);
  // Files by name: Node 20 takes no globs, Node 22 no directories. Without NODE_TEST_CONTEXT: a runner inside a test of
  // another runner reports nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = [
    '--test',
    ...reporters(),
    `--test-timeout=${testLimitMs}`,
    `--test-concurrency=${availableParallelism()}`,
    ...flags,
    ...files,
  ];
  const { status, late } = await runGroup(process.execPath, args, {
    cwd: root,
    env,
    limitMs: Number(values.limit) * 1000,
    childLimitMs: Number(values['file-limit']) * 1000,
  });
  if (late) console.error(`Cannot finish the tests as they hang: killed after ${values.limit} s`);
  return status;
}

function reporters() {
  const spec = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  if (values.failures === undefined) return spec;
  const reporter = new URL('failures.mjs', import.meta.url).href;
  return [...spec, `--test-reporter=${reporter}`, `--test-reporter-destination=${values.failures}`];
}
