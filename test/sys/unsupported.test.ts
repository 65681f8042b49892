import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runNode } from '../support/runNode.ts';

// Runs before the package is loaded.
const overrides = {
  'another system': `Object.defineProperty(process, 'platform', { value: 'darwin' });`,
  'an unknown CPU': `Object.defineProperty(process, 'arch', { value: 'mips' });`,
  'a CPU of the other byte order': `Object.defineProperty(process, 'arch', { value: 's390x' });`,
  Bun: `Object.defineProperty(process, 'versions', { value: { ...process.versions, bun: '1.3.9' } });`,
  Deno: `Object.defineProperty(process, 'versions', { value: { ...process.versions, deno: '2.9.6' } });`,
  'a machine without koffi': `
    import Module from 'node:module';
    const resolve = Module._resolveFilename;
    Module._resolveFilename = (name, ...rest) => {
      if (/^koffi$/.test(name)) throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
      return resolve(name, ...rest);
    };`,
};

const messages: Record<keyof typeof overrides, RegExp> = {
  'another system': /Linux only: current platform is darwin$/,
  'an unknown CPU': /one of x64, arm64, riscv64, loong64: current CPU is mips$/,
  'a CPU of the other byte order': /current CPU is s390x$/,
  Bun: /must be Node\.js: current runtime is bun$/,
  Deno: /must be Node\.js: current runtime is deno$/,
  'a machine without koffi': /as the package koffi is not found/,
};

const program = `
  const { epoll_create1, EPOLLIN, EpollEventBuffer, UnsupportedError } = await import('epoll-ts/sys');
  new EpollEventBuffer(1);
  const answers = [];
  for (const flags of [0, 'wrong', 0]) {
    try { answers.push(epoll_create1(flags)); } catch (error) {
      answers.push({ name: error.name, known: error instanceof UnsupportedError, code: error.code, message: error.message });
    }
  }
  console.log(JSON.stringify({ EPOLLIN, answers }));
`;

for (const [where, override] of Object.entries(overrides) as [keyof typeof overrides, string][]) {
  test(`on ${where} the import succeeds, and the first call throws UnsupportedError`, () => {
    const preload = `data:text/javascript,${encodeURIComponent(override)}`;
    const { status, stdout, stderr } = runNode('--import', preload, '--input-type=module', '-e', program);
    assert.equal(status, 0, stderr);
    const { EPOLLIN, answers } = JSON.parse(stdout) as { EPOLLIN: number; answers: Record<string, unknown>[] };
    assert.equal(EPOLLIN, 1, 'constants are there everywhere');
    const [first, second, third] = answers;
    assert.match(String(first?.['message']), messages[where]);
    assert.deepEqual(
      { ...first, message: '' },
      { name: 'UnsupportedError', known: true, code: 'ERR_EPOLL_UNSUPPORTED', message: '' },
    );
    assert.equal(second?.['name'], 'TypeError', 'arguments are checked first, as everywhere');
    assert.deepEqual(third, first, 'and so does every other call');
  });
}

test('without an override the same program gets its descriptor', () => {
  const { status, stdout, stderr } = runNode('--input-type=module', '-e', program);
  assert.equal(status, 0, stderr);
  const { answers } = JSON.parse(stdout) as { answers: unknown[] };
  assert.ok(Number(answers[0]) > 2, stdout);
});
