import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectRoot, runScript, seededTree, soundFiles } from './seededTree.ts';

function checkImports(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
  using tree = seededTree({ ...soundFiles, ...files });
  return runScript('house.mjs', ['--check', 'imports', '--root', tree.root]);
}

test('the imports of this project go one way', () => {
  const { status, output } = runScript('house.mjs', ['--check', 'imports', '--root', projectRoot]);
  assert.equal(status, 0, output);
});

test('imports that go down are accepted', () => {
  const { status, output } = checkImports({});
  assert.equal(status, 0, output);
});

const refused: readonly { name: string; file: string; text: string; message: RegExp }[] = [
  {
    name: 'sys importing fd',
    file: 'src/sys/read.ts',
    text: "import { Epoll } from '../fd/epoll.ts';\n",
    message: /Layer sys must not import layer fd/,
  },
  {
    name: 'abi importing sys',
    file: 'src/sys/abi/epoll.ts',
    text: "import '../epoll.ts';\n",
    message: /Layer sys\/abi must not import layer sys /,
  },
  {
    name: 'a type from the layer above',
    file: 'src/fd/pipe.ts',
    text: "\nimport type { Reactor } from '../reactor/reactor.ts';\n",
    message: /pipe\.ts:2: Layer fd must not import layer reactor/,
  },
  {
    name: 'inspect importing lab',
    file: 'src/inspect/findings.ts',
    text: "export * from '../lab/claim.ts';\n",
    message: /Layer inspect must not import layer lab/,
  },
  {
    name: 'inspect importing reactor',
    file: 'src/inspect/live.ts',
    text: "await import('../reactor/reactor.ts');\n",
    message: /Layer inspect must not import layer reactor/,
  },
  {
    name: 'index importing cli',
    file: 'src/index.ts',
    text: "export { main } from './cli/main.ts';\n",
    message: /Layer index must not import layer cli/,
  },
  {
    name: 'a file outside the layers',
    file: 'src/stray.ts',
    text: "import './fd/epoll.ts';\n",
    message: /Belongs to no layer/,
  },
  {
    name: 'an import without .ts',
    file: 'src/fd/pipe.ts',
    text: "import { Epoll } from './epoll';\n",
    message: /no file of src/,
  },
  {
    name: 'koffi imported in fd',
    file: 'src/fd/pipe.ts',
    text: "import koffi from 'koffi';\n",
    message: /only src\/sys\/ffi may know it/,
  },
  {
    name: 'koffi required in sys',
    file: 'src/sys/read.ts',
    text: "createRequire(import.meta.url)('koffi');\n",
    message: /only src\/sys\/ffi may know it/,
  },
  {
    name: "koffi's binary in a test",
    file: 'test/x.test.ts',
    text: "import x from '@koromix/koffi-linux-x64';\n",
    message: /only src\/sys\/ffi may know it/,
  },
  {
    name: 'another package in src',
    file: 'src/fd/pipe.ts',
    text: "import fc from 'fast-check';\n",
    message: /files of src import relative files and node: modules/,
  },
  {
    name: 'a test reaching into src',
    file: 'test/fd/x.test.ts',
    text: "import { Epoll } from '../../src/fd/epoll.ts';\n",
    message: /use 'epoll-ts'/,
  },
  {
    name: 'an example using internals',
    file: 'examples/x.ts',
    text: "import { x } from '#epoll/fd/epoll.js';\n",
    message: /an example shows the public names/,
  },
];

const targets = {
  'src/cli/main.ts': 'export const main = 1;\n',
  'src/lab/claim.ts': 'export const claim = 1;\n',
  'src/reactor/reactor.ts': 'export class Reactor {}\n',
};

for (const { name, file, text, message } of refused) {
  test(`refused: ${name}`, () => {
    const { status, output } = checkImports({ ...targets, [file]: text });
    assert.equal(status, 1, output);
    assert.match(output, message);
    assert.match(output, /\b1 violations$/m);
  });
}

test('refused: files that import each other at run time, also through a third', () => {
  const { status, output } = checkImports({
    'src/fd/a.ts': "import { b } from './b.ts';\n",
    'src/fd/b.ts': "import { c } from './c.ts';\n",
    'src/fd/c.ts': "export { a } from './a.ts';\n",
  });
  assert.equal(status, 1, output);
  assert.match(output, /src\/fd\/a\.ts:1: Imports itself through src\/fd\/b\.ts → src\/fd\/c\.ts → src\/fd\/a\.ts/);
});

test('accepted: a type that points back, and names in comments, strings and templates', () => {
  const { status, output } = checkImports({
    'src/fd/a.ts': "import { b } from './b.ts';\n",
    'src/fd/b.ts': "import type { a } from './a.ts';\nimport { type c } from './c.ts';\n",
    'src/fd/c.ts': [
      "// import koffi from 'koffi';",
      'const text = "import koffi from \'koffi\'";',
      'const pattern = /[\'"`]/;',
      "const quoted = `${text} import x from '../cli/main.ts' ${`${pattern}`} // '`;",
      '',
    ].join('\n'),
  });
  assert.equal(status, 0, output);
});
