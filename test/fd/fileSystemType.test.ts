import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { EventFd } from 'epoll-ts';
import { fileSystemType } from '#epoll/fd/fileSystemType.js';

test('fileSystemType() tells the kind of file system, of another process too', () => {
  for (const [path, type] of [
    ['/proc/self/mounts', 'proc'],
    ['/sys/kernel', 'sysfs'],
  ] as const) {
    const fd = openSync(path, 'r');
    try {
      assert.deepEqual([fileSystemType(fd), fileSystemType(fd, process.pid)], [type, type]);
    } finally {
      closeSync(fd);
    }
  }
});

test('fileSystemType() knows none for what is no file', () => {
  using counter = new EventFd();
  assert.equal(fileSystemType(counter.fd), undefined);
});

test('fileSystemType() makes no call that a FUSE daemon would have to answer', (t) => {
  const fuse = existsSync('/proc/filesystems') && spawnSync('strace', ['-V']).status === 0;
  if (!fuse) return t.skip('no strace here');
  const program = `import('#epoll/fd/fileSystemType.js').then(({ fileSystemType }) => console.log(fileSystemType(0)))`;
  const traced = spawnSync('strace', ['-f', '-e', 'trace=statfs,fstatfs', process.execPath, '-e', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.equal(traced.status, 0, traced.stderr);
  assert.doesNotMatch(traced.stderr, /statfs\(/);
});
