import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript, seededTree, soundFiles } from './seededTree.ts';

test('a sound tree passes every house check', () => {
  using tree = seededTree(soundFiles);
  const { status, output } = runScript('house.mjs', ['--root', tree.root]);
  assert.equal(status, 0, output);
  assert.match(output, /9 checks over 6 files, 0 violations/);
});

const line = 'export {};\n';
const toDo = `TO${'DO'}`;
const lockEntry = (entry: object): string =>
  JSON.stringify({ packages: { 'node_modules/x': { integrity: 'sha512-', ...entry } } });
const manifest = (entry: object): string => JSON.stringify({ dependencies: { koffi: '3.3.4' }, ...entry });

const refused: readonly { name: string; file: string; text: string; message: RegExp }[] = [
  {
    name: 'a file of 401 lines',
    file: 'src/fd/long.ts',
    text: line.repeat(401),
    message: /long\.ts:401: Has 401 lines, 400 at the most/,
  },
  { name: 'a file named by its kind', file: 'src/fd/types.ts', text: line, message: /Is named 'types'/ },
  { name: 'a folder named by its kind', file: 'scripts/utils/files.mjs', text: line, message: /Is named 'utils'/ },
  {
    name: 'open work without an issue',
    file: 'docs/guide.md',
    text: `a\n${toDo}: write this\n`,
    message: /guide\.md:2: Open work needs an issue number/,
  },
  {
    name: 'a path of one machine',
    file: 'test/x.test.ts',
    text: `open('/${'work'}/main/x');\n`,
    message: /Names a path of one machine/,
  },
  {
    name: 'a folder outside',
    file: 'README.md',
    text: `See ..${'/shared'}/FACTS.md\n`,
    message: /Names a folder outside the project/,
  },
  {
    name: 'a registry host',
    file: '.npmrc',
    text: `registry=https://regis${'try'}.example.com/\n`,
    message: /Names a registry host/,
  },
  {
    name: 'a test that hides the others',
    file: 'test/x.test.ts',
    text: "test.only('a', () => {});\n",
    message: /Runs one test only/,
  },
  {
    name: 'a message with a final period',
    file: 'src/fd/a.ts',
    text: "throw new TypeError('Cannot close as it is closed.');\n",
    message: /no final period/,
  },
  {
    name: 'a message in lower case',
    file: 'src/fd/a.ts',
    text: 'throw new RangeError(`cannot use ${x}`);\n',
    message: /sentence case/,
  },
  {
    name: 'a second runtime dependency',
    file: 'package.json',
    text: manifest({ dependencies: { koffi: '3.3.4', a: '1.0.0' } }),
    message: /The one runtime dependency is koffi, not 'koffi, a'/,
  },
  {
    name: 'a version range',
    file: 'package.json',
    text: manifest({ devDependencies: { a: '^1.0.0' } }),
    message: /a must be an exact version, not '\^1\.0\.0'/,
  },
  {
    name: 'a version range behind an alias',
    file: 'test/runtime/package.json',
    text: '{ "dependencies": { "a": "npm:b@22" } }',
    message: /a must be an exact version/,
  },
  {
    name: 'a foreign host in the lock file',
    file: 'package-lock.json',
    text: lockEntry({ resolved: 'https://example.com/x.tgz' }),
    message: /x comes from the host example\.com/,
  },
  {
    name: 'a folder in the lock file',
    file: 'package-lock.json',
    text: lockEntry({ resolved: '../x' }),
    message: /x comes from '\.\.\/x'/,
  },
  {
    name: 'an install script',
    file: 'package-lock.json',
    text: lockEntry({ hasInstallScript: true }),
    message: /x has an install script/,
  },
  {
    name: 'a locked package without a digest',
    file: 'package-lock.json',
    text: lockEntry({ integrity: '' }),
    message: /x has no integrity digest/,
  },
];

for (const { name, file, text, message } of refused) {
  test(`refused: ${name}`, () => {
    using tree = seededTree({ ...soundFiles, [file]: text });
    const { status, output } = runScript('house.mjs', ['--root', tree.root]);
    assert.equal(status, 1, output);
    assert.match(output, message);
    assert.match(output, /\b1 violations$/m);
  });
}

test('accepted: open work with its issue, and a file of 201 lines with a note', () => {
  using tree = seededTree({ ...soundFiles, 'src/fd/long.ts': `// ${toDo}(#12): shorten\n${line.repeat(200)}` });
  const { status, output } = runScript('house.mjs', ['--root', tree.root]);
  assert.equal(status, 0, output);
  assert.match(output, /note: src\/fd\/long\.ts has 201 lines \(200 wanted\)/);
});
