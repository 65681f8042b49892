import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonNotToTrace } from '../stress/faults/traced.ts';
import { runScript, seededTree } from './seededTree.ts';

const header = "import { test } from 'node:test';\n";
const sound = {
  'package.json': '{ "type": "module" }',
  'test/fd/a.test.ts': '',
  'build/test/fd/a.test.js': `${header}test('a', () => {});\n`,
  'test/house/b.test.ts': '',
  'build/test/house/b.test.js': "throw new Error('left out');\n",
};
// 4 ms are added to each.
const prompt = `${header}import { openSync, writeSync } from 'node:fs';
test('ten writes take less than 40 ms', () => {
  const fd = openSync('/dev/null', 'w');
  const start = performance.now();
  for (let count = 0; count < 10; count++) writeSync(fd, 'x');
  if (performance.now() - start >= 40) throw new Error('late');
});\n`;
const skip = reasonNotToTrace() || false;

test('calls of the chosen kind come late in every test, which fails the run where a test minds', { skip }, () => {
  using tree = seededTree({ ...sound, 'test/fd/c.test.ts': '', 'build/test/fd/c.test.js': prompt });
  const { status, output } = runScript('test-late.mjs', ['--root', tree.root, 'write']);
  assert.equal(status, 1, output);
  assert.match(output, /^left out: build\/test\/house\/b\.test\.js: /m);
  assert.match(output, /^build\/test\/fd\/c\.test\.js: 0 passed, 1 failed, 0 skipped, /m);
  assert.match(output, /error: 'late'/);
  assert.match(output, /^late: write: 1 tests passed, 1 failed, 0 skipped; 1 of 2 files failed$/m);
});

test('every kind runs unless some are chosen, and a run by chance names its seed', { skip }, () => {
  using tree = seededTree(sound);
  const { status, output } = runScript('test-late.mjs', ['--root', tree.root, '--seed', '7']);
  assert.equal(status, 0, output);
  const kinds = output.match(/^late: .*(?=: 1 tests passed, 0 failed, 0 skipped; 0 of 1 files failed$)/gm);
  assert.deepEqual(kinds?.slice(0, 4), ['late: write', 'late: close', 'late: read', 'late: wait'], output);
  assert.equal(kinds?.at(-1), 'late: random: seed 7');
});

test('a name without files is a failure, and says what kinds there are', { skip }, () => {
  using tree = seededTree(sound);
  const { status, output } = runScript('test-late.mjs', ['--root', tree.root, 'writes']);
  assert.equal(status, 1, output);
  assert.match(output, /no file is named like writes; the kinds: write, close, /);
});
