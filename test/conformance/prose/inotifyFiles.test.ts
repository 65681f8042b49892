// Which file operations inotify tells of, and which not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Inotify } from 'epoll-ts';
import { EEXIST, IN_ALL_EVENTS, O_CLOEXEC, O_RDONLY, O_RDWR, open, read } from 'epoll-ts/sys';
import { drainInotify, eventLines, temporaryFolder } from '../../support/inotifyFolder.ts';
import { opened } from '../../support/opened.ts';
import { atWorkingDirectory, cString, syscall } from '../raw/syscall.ts';

function openFile(t: TestContext, path: string, flags = O_RDONLY): number {
  return opened(t, open(path, flags | O_CLOEXEC));
}

test('g-ino-relpath: a path is relative to the working directory of the call', (t) => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('f'), 'some');
  const fd = openFile(t, folder.file('f'));
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(folder.path);
  using inotify = new Inotify();
  inotify.watch('f', IN_ALL_EVENTS);
  assert.equal(read(fd, new Uint8Array(1)), 1);
  assert.deepEqual(eventLines(drainInotify(inotify)), ['IN_ACCESS']);
});

test('g-ino-failcreate: what could not be made is not reported', () => {
  using folder = temporaryFolder();
  mkdirSync(folder.file('D'));
  writeFileSync(folder.file('f'), '');
  using inotify = new Inotify();
  inotify.watch(folder.path, IN_ALL_EVENTS);
  inotify.watch(folder.file('D'), IN_ALL_EVENTS);
  const fifo = 0o010600;
  assert.throws(() => mkdirSync(folder.file('D')), { code: 'EEXIST' });
  assert.equal(syscall('mknodat', atWorkingDirectory, cString(folder.file('D')), fifo, 0), -EEXIST);
  assert.throws(() => symlinkSync('f', folder.file('D')), { code: 'EEXIST' });
  assert.throws(() => linkSync(folder.file('f'), folder.file('D')), { code: 'EEXIST' });
  assert.deepEqual(eventLines(drainInotify(inotify)), []);
});

test('g-ino-falloc: fallocate() is a modification', (t) => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('f'), '');
  const fd = openFile(t, folder.file('f'), O_RDWR);
  using inotify = new Inotify();
  inotify.watch(folder.file('f'), IN_ALL_EVENTS);
  assert.equal(syscall('fallocate', fd, 0, 0, 123), 0);
  assert.deepEqual(eventLines(drainInotify(inotify)), ['IN_MODIFY']);
});

test('g-ino-xattr: setting and removing an extended attribute is reported, reading and listing is not', (t) => {
  using folder = temporaryFolder();
  const path = folder.file('f');
  writeFileSync(path, '');
  using inotify = new Inotify();
  inotify.watch(path, IN_ALL_EVENTS);
  const [file, name, value, into] = [cString(path), cString('user.test'), cString('v'), new Uint8Array(64)];
  const set = syscall('setxattr', file, name, value, 1, 0);
  if (set < 0) return t.skip(`the file system of ${folder.path} has no extended attributes`);
  assert.equal(syscall('getxattr', file, name, into, into.length), 1);
  assert.ok(syscall('listxattr', file, into, into.length) > 0);
  assert.equal(syscall('removexattr', file, name), 0);
  const events = drainInotify(inotify);
  assert.deepEqual(eventLines(events), ['IN_ATTRIB'], 'the kernel merges two that are alike and unread');
  assert.equal(syscall('setxattr', file, name, value, 1, 0), 0);
  assert.deepEqual(eventLines(drainInotify(inotify)), ['IN_ATTRIB']);
  assert.equal(syscall('removexattr', file, name), 0);
  assert.deepEqual(eventLines(drainInotify(inotify)), ['IN_ATTRIB']);
});

test('g-ino-exec: running a script opens, reads and closes it', () => {
  using folder = temporaryFolder();
  const path = folder.file('f');
  writeFileSync(path, '#!/bin/true\n');
  chmodSync(path, 0o755);
  using inotify = new Inotify();
  inotify.watch(path, IN_ALL_EVENTS);
  assert.equal(spawnSync(path).status, 0);
  assert.deepEqual(eventLines(drainInotify(inotify)), ['IN_OPEN', 'IN_ACCESS', 'IN_CLOSE_NOWRITE']);
});

test('g-ino-sendfile: sendfile() reads one file and modifies the other', (t) => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('in'), 'x');
  writeFileSync(folder.file('out'), '');
  const [from, to] = [openFile(t, folder.file('in')), openFile(t, folder.file('out'), O_RDWR)];
  using input = new Inotify();
  using output = new Inotify();
  input.watch(folder.file('in'), IN_ALL_EVENTS);
  output.watch(folder.file('out'), IN_ALL_EVENTS);
  assert.equal(syscall('sendfile', to, from, null, 1), 1);
  assert.deepEqual(eventLines(drainInotify(input)), ['IN_ACCESS']);
  assert.deepEqual(eventLines(drainInotify(output)), ['IN_MODIFY']);
});
