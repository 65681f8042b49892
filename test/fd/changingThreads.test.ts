// Threads start and end while their masks are read: what /proc shows is set here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test, type TestContext } from 'node:test';
import { readThreadMasks } from '#epoll/fd/threadMasks.js';

const { readdirSync, readFileSync } = fs;
const status = (tid: string): string => `Name:\tmade\nPid:\t${tid}\nSigBlk:\t0000000000000001\n`;

/**
 * Has /proc/self/task list these threads, one list for each look, the last one for good; a file is a text, or an
 * error's code.
 */
function threads(t: TestContext, lists: readonly (readonly string[])[], files: Readonly<Record<string, string>>): void {
  let look = 0;
  fs.readdirSync = ((path: string) => (
    assert.equal(path, '/proc/self/task'),
    lists[Math.min(look++, lists.length - 1)]
  )) as never;
  fs.readFileSync = ((path: string) => {
    const tid = path.split('/').at(-2) ?? '';
    const file = files[tid] ?? status(tid);
    if (!/^E[A-Z]+$/.test(file)) return file;
    const errno = -(file === 'ESRCH' ? 3 : file === 'ENOENT' ? 2 : 13);
    throw Object.assign(new Error(file), { code: file, errno, syscall: 'read' });
  }) as never;
  syncBuiltinESMExports();
  t.after(() => {
    Object.assign(fs, { readdirSync, readFileSync });
    syncBuiltinESMExports();
  });
}

const read = (): number[] => readThreadMasks().map(({ tid }) => tid);

for (const code of ['ESRCH', 'ENOENT']) {
  test(`a thread that ends while its mask is read (${code}) is passed over`, (t) => {
    threads(
      t,
      [
        ['7', '8', '9'],
        ['7', '9'],
      ],
      { 8: code },
    );
    assert.deepEqual(read(), [7, 9]);
  });
}

test('a thread that starts while the masks are read is looked at, too', (t) => {
  threads(t, [['7'], ['7', '8']], {});
  assert.deepEqual(read(), [7, 8]);
});

test('another error is told', (t) => {
  threads(t, [['7']], { 7: 'EACCES' });
  assert.throws(read, { name: 'SystemError', code: 'EACCES', path: '/proc/self/task/7/status' });
});
