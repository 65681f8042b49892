import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript, seededTree, soundFiles } from './seededTree.ts';

function checkDocs(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
  using tree = seededTree({ ...soundFiles, ...files });
  return runScript('house.mjs', ['--check', 'docs', '--root', tree.root]);
}

const example = '@example\n * ```ts\n * throw 1;\n * ```\n';

const refused: readonly { name: string; file: string; text: string; message: RegExp }[] = [
  {
    name: 'an exported class without a docstring',
    file: 'src/fd/epoll.ts',
    text: 'export class Epoll {}\n',
    message: /Epoll: needs a docstring/,
  },
  {
    name: 'a docstring that another declaration separates',
    file: 'src/fd/epoll.ts',
    text: `/** Owns.\n * ${example} */\nconst a = 1;\nexport class Epoll {}\n`,
    message: /epoll\.ts:8: Epoll: needs a docstring/,
  },
  {
    name: 'a docstring of tags only',
    file: 'src/fd/epoll.ts',
    text: `/**\n * ${example} */\nexport class Epoll {}\n`,
    message: /Epoll: needs a docstring/,
  },
  {
    name: 'a class without an example',
    file: 'src/fd/epoll.ts',
    text: '/** Owns. */\nexport class Epoll {}\n',
    message: /Epoll: needs an @example/,
  },
  {
    name: 'an example without a ts block',
    file: 'src/fd/epoll.ts',
    text: '/** Owns.\n * @example new Epoll() */\nexport class Epoll {}\n',
    message: /Epoll: needs an @example/,
  },
  {
    name: 'a sys function without its C prototype',
    file: 'src/sys/epoll.ts',
    text: '/** Makes one. */\nexport function epoll_create1() {}\n',
    message: /epoll_create1: the first line must be the C prototype/,
  },
  {
    name: 'a name that is not found',
    file: 'src/index.ts',
    text: "export { Gone } from './fd/epoll.ts';\n",
    message: /Gone: no declaration found/,
  },
  {
    name: 'a type behind `export *`',
    file: 'src/index.ts',
    text: "export * from './fd/fdLike.ts';\n",
    message: /src\/fd\/fdLike\.ts:1: FdLike: needs a docstring/,
  },
  {
    name: 'an import that is exported again',
    file: 'src/index.ts',
    text: "import { type FdLike as Like } from './fd/fdLike.ts';\nexport { Like };\n",
    message: /Like: needs a docstring/,
  },
];

for (const { name, file, text, message } of refused) {
  test(`refused: ${name}`, () => {
    const { status, output } = checkDocs({ 'src/fd/fdLike.ts': 'export type FdLike = number;\n', [file]: text });
    assert.equal(status, 1, output);
    assert.match(output, message);
  });
}

test('refused: a package without its index', () => {
  using tree = seededTree({ 'package.json': '{}' });
  const { status, output } = runScript('house.mjs', ['--check', 'docs', '--root', tree.root]);
  assert.equal(status, 1);
  assert.match(output, /src\/index\.ts:1: Is missing/);
});

test('accepted: the first of several overloads carries the docstring, a group of C constants one comment', () => {
  const { status, output } = checkDocs({
    'src/sys/index.ts': "export * from './abi/errno.ts';\nexport { open } from './open.ts';\n",
    'src/sys/abi/errno.ts': '// asm-generic/errno.h\n\nexport const EPERM = 1;\nexport const ENOENT = 2;\n',
    'src/sys/open.ts':
      '/** `int open(const char *path, int flags)` — opens. */\nexport function open(a: 1): ' +
      '1;\nexport function open(a: 2): 2;\n',
  });
  assert.equal(status, 0, output);
});
