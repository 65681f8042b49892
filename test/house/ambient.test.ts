import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectRoot, runScript, seededTree, soundFiles } from './seededTree.ts';

function checkAmbient(text: string): { status: number | null; output: string } {
  using tree = seededTree({ ...soundFiles, 'src/fd/wait.ts': text });
  return runScript('house.mjs', ['--check', 'ambient', '--root', tree.root]);
}

test('nothing in this project takes a timer, a clock or a context from what surrounds it', () => {
  const { status, output } = runScript('house.mjs', ['--check', 'ambient', '--root', projectRoot]);
  assert.equal(status, 0, output);
});

const refused: readonly [text: string, message: RegExp][] = [
  ['export const wait = (f: () => void): unknown => setTimeout(f, 1);\n', /the global setTimeout/],
  [
    "import { setTimeout } from 'node:timers';\n\nexport const end = (id: number): void => clearTimeout(id);\n",
    /clearTimeout/,
  ],
  ['export const turn = (f: () => void): unknown => [f].map(setImmediate);\n', /the global setImmediate/],
  ['export const now = (): number => performance.now();\n', /Asks performance\.now/],
  ['export const day = (): number => Date.now() / 86_400_000;\n', /Asks Date\.now/],
  ['export const later = (f: () => void): void => queueMicrotask(f);\n', /queueMicrotask/],
  ["const root = new AsyncResource('ROOT');\n\nexport { root };\n", /Captures a context/],
  ['const { now } = performance;\n\nexport { now };\n', /Captures a context or a global/],
];

for (const [text, message] of refused) {
  test(`refused: ${text.split('\n').find((line) => !line.startsWith('import'))}`, () => {
    const { status, output } = checkAmbient(text);
    assert.equal(status, 1, output);
    assert.match(output, message);
  });
}

const accepted: readonly string[] = [
  "import { setTimeout as delay } from 'node:timers/promises';\n\nexport const wait = (): unknown => delay(1);\n",
  'export class Socket {\n  setTimeout(ms: number): this {\n    return ms > 0 ? this : this;\n  }\n}\n',
  'export const set = (socket: { readonly setTimeout: (ms: number) => void }): void => socket.setTimeout(1);\n',
  '// Not performance.now(): see the clock.\nexport const one = 1;\n',
];

for (const text of accepted) {
  test(`accepted: ${text.split('\n').find((line) => line.startsWith('export'))}`, () => {
    const { status, output } = checkAmbient(text);
    assert.equal(status, 0, output);
  });
}
