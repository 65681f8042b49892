import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runScript, seededTree } from './seededTree.ts';

const header = "import { test } from 'node:test';\n";
const sound = {
  'package.json': '{ "type": "module" }',
  'test/fd/a.test.ts': '',
  'build/test/fd/a.test.js': `${header}test('a', () => {});\n`,
};

test('passing tests exit 0, and the run closes with the count', () => {
  using tree = seededTree(sound);
  const { status, output } = runScript('test.mjs', ['--root', tree.root]);
  assert.equal(status, 0, output);
  assert.match(output, /1 test files\n/);
  assert.match(output, /tests 1\n.*suites 0\n.*pass 1\n.*fail 0\n/);
});

test('a failing test and a file that throws exit 1', () => {
  for (const text of [`${header}test('a', () => { throw new Error('seeded'); });\n`, "throw new Error('seeded');\n"]) {
    using tree = seededTree({ ...sound, 'build/test/fd/a.test.js': text });
    const { status, output } = runScript('test.mjs', ['--root', tree.root]);
    assert.equal(status, 1, output);
    assert.match(output, /fail 1\n/);
  }
});

test('what failed is written to a file of its own, with its place, its error and what its file wrote to stderr', () => {
  using tree = seededTree({
    ...sound,
    'build/test/fd/a.test.js': `${header}test('a', () => { throw new Error('seeded'); });\n`,
    'test/fd/b.test.ts': '',
    'build/test/fd/b.test.js': "console.error('last words');\nprocess.kill(process.pid, 'SIGKILL');\n",
    'test/fd/c.test.ts': '',
    'build/test/fd/c.test.js': `${header}test('c', () => {});\n`,
  });
  const file = join(tree.root, 'failures');
  const { status, output } = runScript('test.mjs', ['--root', tree.root, '--failures', file]);
  assert.equal(status, 1, output);
  assert.match(output, /pass 1\n.*fail 2\n/);
  const [thrown = '', died = '', ...rest] = readFileSync(file, 'utf8').split(/(?<=\n)(?! )/);
  assert.deepEqual(rest, []);
  assert.match(thrown, /^a \(build\/test\/fd\/a\.test\.js:2\)\n {4}Error: seeded\n/);
  assert.match(died, /^\S*b\.test\.js \(build\/test\/fd\/b\.test\.js:1\)\n.* signal: 'SIGKILL'\n.* {4}last words\n/s);
});

test('no test file is a failure', () => {
  using tree = seededTree({ 'package.json': '{}' });
  const { status, output } = runScript('test.mjs', ['--root', tree.root]);
  assert.equal(status, 1, output);
  assert.match(output, /Cannot run the tests as there are none/);
});

test('a compiled test whose source is gone is not run', () => {
  using tree = seededTree({ ...sound, 'build/test/gone.test.js': "throw new Error('stale');\n" });
  const { status, output } = runScript('test.mjs', ['--root', tree.root]);
  assert.equal(status, 0, output);
  assert.match(output, /tests 1\n/);
});

test('arguments choose files by a part of their name, and a name without files is a failure', () => {
  using tree = seededTree({
    ...sound,
    'test/sys/b.test.ts': '',
    'build/test/sys/b.test.js': "throw new Error('not chosen');\n",
  });
  const chosen = runScript('test.mjs', ['--root', tree.root, 'test/fd']);
  assert.equal(chosen.status, 0, chosen.output);
  const none = runScript('test.mjs', ['--root', tree.root, 'reactor']);
  assert.equal(none.status, 1);
  assert.match(none.output, /none of 2 files is named like reactor/);
});

// No timer and no signal handler of the thread runs any more. The limits below are long enough for any start of Node.
const hang = "process.on('SIGTERM', () => {});\nAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);\n";

test('a file that hangs is killed and fails, and the others run', () => {
  using tree = seededTree({ ...sound, 'test/fd/b.test.ts': '', 'build/test/fd/b.test.js': hang });
  const { status, output } = runScript('test.mjs', ['--root', tree.root, '--file-limit', '20']);
  assert.equal(status, 1, output);
  assert.match(output, /Killed as it runs longer than 20 s: .*b\.test\.js/);
  assert.match(output, /pass 1\n.*fail 1\n/);
});

test('a run that hangs is killed and says what was running', () => {
  using tree = seededTree({ ...sound, 'build/test/fd/a.test.js': hang });
  const { status, output } = runScript('test.mjs', ['--root', tree.root, '--limit', '20']);
  assert.notEqual(status, 0);
  assert.match(output, /Still running: .*a\.test\.js/);
  assert.match(output, /Cannot finish the tests as they hang: killed after 20 s/);
});

test('a Node that is too old is refused by name', () => {
  using tree = seededTree(sound);
  const older =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.18.3"}})';
  const { status, output } = runScript('test.mjs', ['--root', tree.root], ['--import', older]);
  assert.equal(status, 1);
  assert.match(output, /Node must be 20\.19 or newer: current version is 20\.18\.3/);
});

test('outputs whose source is gone are removed before a build, others stay', () => {
  using tree = seededTree({
    ...sound,
    'src/kept.ts': '',
    'dist/kept.d.ts.map': '',
    'dist/gone.d.ts': '',
    'dist/core.bundle.js': '',
    'build/test/gone.test.js.map': '',
  });
  const { status, output } = runScript('prune.mjs', ['--root', tree.root]);
  assert.equal(status, 0, output);
  assert.deepEqual(output.match(/^Removed \S+(?=:)/gm), [
    'Removed dist/gone.d.ts',
    'Removed build/test/gone.test.js.map',
  ]);
});
