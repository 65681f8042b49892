import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot, runScript, seededTree } from './seededTree.ts';

/** What the script would change in one source file. */
function changesOf(text: string): string[] {
  using tree = seededTree({ 'src/fd/one.ts': text });
  const { status, output } = runScript('stress-mutants.mjs', ['--list', '--root', tree.root]);
  assert.equal(status, 0, output);
  return [...output.matchAll(/^src\/fd\/one\.ts:\d+ (\w+: '.*?' → '.*?') in:/gm)]
    .map(([, change = '']) => change)
    .sort();
}

test('each kind of change is made to code, not to comments, strings and types', () => {
  const text = [
    "import { O_CLOEXEC, O_RDONLY } from '../sys/index.ts';",
    'export interface One {\n  readonly family: 4 | 6;\n}',
    '// a === b && c',
    'export function one(a: number, log: (text: string) => void): number | null {',
    "  if (a <= 2) log('a === b');",
    '  const flags = O_RDONLY | O_CLOEXEC;',
    '  log(String(flags));',
    '  const on = true;',
    '  return on && a ? a + flags : null;',
    '}',
    '',
  ].join('\n');
  assert.deepEqual(changesOf(text), [
    "boolean: 'true' → 'false'",
    "call: 'log(String(flags));' → ';'",
    "comparison: '<=' → '<'",
    "condition: '(a <= 2)' → '(!(a <= 2))'",
    "flag: ' | O_CLOEXEC' → ''",
    "logic: '&&' → '||'",
    "number: '2' → '1'",
    "sign: '+' → '-'",
  ]);
});

test('the same seed chooses the same changes, another one others', () => {
  const list = (seed: string): string =>
    runScript('stress-mutants.mjs', ['--list', '--count', '20', '--seed', seed, '--root', projectRoot]).output;
  assert.equal(list('1'), list('1'));
  assert.notEqual(list('1'), list('2'));
});

test('a change that a test finds is found, one that no test finds has survived, and the score is below 90 %', () => {
  using tree = seededTree({
    'package.json': JSON.stringify({ type: 'module', imports: { '#epoll/*': './dist/*' } }),
    'src/index.ts': "export { least } from './fd/least.ts';\n",
    'src/fd/least.ts':
      'export const least = (a: number): boolean => a < 4;\n\nexport const unseen = (a: number): number => a + 4;\n',
    'test/fd/least.test.ts': '',
  });
  const built = path.join(tree.root, 'build/test/fd');
  mkdirSync(built, { recursive: true });
  const lines = [
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    "import { least } from '#epoll/fd/least.js';",
    "test('least', () => assert.deepEqual([3, 4].map(least), [true, false]));",
  ];
  writeFileSync(path.join(built, 'least.test.js'), `${lines.join('\n')}\n`);
  assert.equal(runScript('bundle.mjs', ['--root', tree.root]).status, 0);
  const { status, output } = runScript('stress-mutants.mjs', ['--root', tree.root, '--lanes', '1']);
  assert.match(output, /^found {4}src\/fd\/least\.ts:1 comparison: '<' → '<=' .*\(test\/fd\/least\.test\.ts\)$/m);
  assert.match(output, /^survived src\/fd\/least\.ts:3 sign: '\+' → '-'/m);
  assert.match(output, /^2 passed, 2 failed$/m);
  assert.equal(status, 1, output);
});
