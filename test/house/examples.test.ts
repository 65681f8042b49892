import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript, seededTree } from './seededTree.ts';

const sound = {
  'package.json':
    '{ "name": "epoll-ts", "type": "module", "exports": { ".": { "types": "./dist/index.d.ts", "default": ' +
    '"./dist/index.js" } } }',
  'dist/index.d.ts': 'export declare const answer: number;\n',
  'dist/index.js': 'export const answer = 42;\n',
};
const importAnswer = "import { answer } from 'epoll-ts';";

function runExamples(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): { status: number | null; output: string } {
  using tree = seededTree({ ...sound, ...files }, { withTools: true });
  return runScript('examples.mjs', ['--root', tree.root, ...args]);
}

/** A Markdown file whose block's first line of code is line 4. */
function readme(code: string, before = 'Text.', language = 'ts'): Record<string, string> {
  return { 'README.md': `# Title\n${before}\n\`\`\`${language}\n${code}\n\`\`\`\n` };
}

test('blocks of Markdown and docstrings run with the package under its own name', () => {
  const { status, output } = runExamples({
    ...readme(`${importAnswer}\nconsole.log(await Promise.resolve(answer));`),
    'src/a.ts':
      "/**\n * Text.\n * @example\n * ```ts\n * import assert from 'node:assert/strict';\n * " +
      `${importAnswer}\n * assert.equal(answer, 42);\n * \`\`\`\n */\nexport const a = 1;\n`,
  });
  assert.equal(status, 0, output);
  assert.match(output, /examples: 2 run, 0 only type-checked/);
});

test('a block after "not run" is type-checked, and listed with its reason', () => {
  const { status, output } = runExamples(
    readme("throw new Error('not run');", '<!-- not run: needs a pressed button -->'),
  );
  assert.equal(status, 0, output);
  assert.match(output, /not run: README\.md:4: needs a pressed button/);
  assert.match(output, /0 run, 1 only type-checked/);
});

const refused: readonly { name: string; files: Record<string, string>; message: RegExp; args?: readonly string[] }[] = [
  {
    name: 'an error of types',
    files: readme(`\n${importAnswer}\nconst text: string = answer;`),
    message: /README\.md\(6,7\): error TS2322/,
  },
  {
    name: 'an error of types in a block that is not run',
    files: readme('const a: string = 1;', '<!-- not run: why -->'),
    message: /README\.md\(4,7\): error TS2322/,
  },
  {
    name: 'an example that fails',
    files: readme("import assert from 'node:assert/strict';\nassert.equal(1 + 1, 3);"),
    message: /README\.md:4: example fails \(exit 1\)[^]*README\.md:5/,
  },
  {
    name: 'an example that does not end',
    files: readme('setInterval(() => {}, 1_000);\nconsole.log(1);'),
    message: /README\.md:4: example does not end within 2 s/,
    args: ['--limit', '2'],
  },
  {
    name: 'an example that shows nothing',
    files: readme('const a = 1;'),
    message: /README\.md:4: example prints nothing and asserts nothing/,
  },
  {
    name: 'a docstring that proves nothing',
    files: { 'src/a.ts': '/**\n * Text.\n *\n * ```ts\n * console.log(1);\n * ```\n */\n' },
    message: /src\/a\.ts:5: example proves nothing/,
  },
  {
    name: 'a block that is not run without a reason',
    files: readme('throw 1;', '<!-- not run: -->'),
    message: /is not run, without a reason/,
  },
  {
    name: 'a block in another spelling of ts',
    files: readme('throw 1;', '', 'typescript'),
    message: /write `ts`, which is run/,
  },
  {
    name: 'a project without examples',
    files: { 'README.md': '# Title\n' },
    message: /Cannot run the examples as there are none/,
  },
];

for (const { name, files, message, args } of refused) {
  test(`refused: ${name}`, () => {
    const { status, output } = runExamples(files, args);
    assert.equal(status, 1, output);
    assert.match(output, message);
  });
}

test('a command line of the documentation needs a subcommand and options that --help knows', () => {
  const bin = "if (process.argv[2] !== 'watch') process.exitCode = 2;\nelse console.log('--json  --no-rearm');\n";
  const shell =
    '\n```sh\nepoll watch --json timer:1s | head -1\nnpx epoll watch --no-re stdin # short\nepoll look 1\n```\n';
  const markdown = { 'README.md': `\`\`\`ts\nconsole.log(1);\n\`\`\`\n${shell}` };
  const { status, output } = runExamples({ ...markdown, 'dist/cli/bin.js': bin });
  assert.equal(status, 1, output);
  assert.match(
    output,
    /README\.md:7: 'epoll watch --help' does not know --no-re\nREADME\.md:8: 'epoll look --help' fails \(exit 2\)\nexamples: failed/,
  );
});
