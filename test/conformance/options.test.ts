import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { parseOptions, UsageError } from './options.ts';

test('parseOptions() takes lists of areas and ids, and options more than once', () => {
  const options = parseOptions(['--area', 'et,lt', '--area=in', '--id', 'a, b', '--except', 'c,d'], {});
  assert.deepEqual(options.areas, ['et', 'lt', 'in']);
  assert.deepEqual(options.ids, ['a', 'b']);
  assert.deepEqual(options.except, ['c', 'd']);
  assert.equal(options.inWorker, false);
});

test("parseOptions() finds the project's own catalogue", () => {
  const { file } = parseOptions([], { INIT_CWD: '/somewhere' });
  assert.ok(file.endsWith(path.join('test', 'conformance', 'scenarios.json')), file);
  assert.equal(path.isAbsolute(file), true);
});

test('parseOptions() resolves a file where the user stands, as npm tells', () => {
  assert.equal(parseOptions(['--file', 'x.json'], { INIT_CWD: '/somewhere' }).file, '/somewhere/x.json');
  assert.equal(parseOptions(['--file', '/y.json'], { INIT_CWD: '/somewhere' }).file, '/y.json');
  assert.equal(parseOptions(['--file', 'x.json'], {}).file, path.resolve('x.json'));
});

test('parseOptions() refuses what it does not know', () => {
  for (const args of [['--what'], ['word'], ['--file'], ['--id', '']]) {
    assert.throws(() => parseOptions(args, {}), UsageError, args.join(' '));
  }
});
