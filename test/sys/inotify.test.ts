import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';

test('inotify reports what happens in a directory', (t) => {
  const { fd, folder } = watching(t);
  const wd = sys.inotify_add_watch(fd, folder, sys.IN_CREATE | sys.IN_MOVE | sys.IN_DELETE);
  assert.ok(wd > 0, sys.errnoName(wd));
  writeFileSync(join(folder, 'a'), '');
  renameSync(join(folder, 'a'), join(folder, 'b-with-a-longer-name'));
  mkdirSync(join(folder, 'ä'));
  rmSync(join(folder, 'b-with-a-longer-name'));
  const records = eventsOf(fd);
  const cookie = records[1]?.cookie ?? 0;
  assert.notEqual(cookie, 0);
  assert.deepEqual(records, [
    { wd, mask: sys.IN_CREATE, cookie: 0, name: 'a' },
    { wd, mask: sys.IN_MOVED_FROM, cookie, name: 'a' },
    { wd, mask: sys.IN_MOVED_TO, cookie, name: 'b-with-a-longer-name' },
    { wd, mask: (sys.IN_CREATE | sys.IN_ISDIR) >>> 0, cookie: 0, name: 'ä' },
    { wd, mask: sys.IN_DELETE, cookie: 0, name: 'b-with-a-longer-name' },
  ]);
});

test('a one-shot watch, whose mask is above 2 ** 31, is gone after one event', (t) => {
  const { fd, folder } = watching(t);
  const wd = sys.inotify_add_watch(fd, folder, sys.IN_CREATE | sys.IN_ONESHOT);
  writeFileSync(join(folder, 'a'), '');
  writeFileSync(join(folder, 'b'), '');
  assert.deepEqual(eventsOf(fd), [
    { wd, mask: sys.IN_CREATE, cookie: 0, name: 'a' },
    { wd, mask: sys.IN_IGNORED, cookie: 0, name: '' },
  ]);
  assert.equal(sys.inotify_rm_watch(fd, wd), -sys.EINVAL);
});

test('names that are no UTF-8 are watched and reported as bytes', (t) => {
  const { fd, folder } = watching(t);
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe)]);
  sys.inotify_add_watch(fd, folder, sys.IN_CREATE);
  writeFileSync(path, '');
  const bytes = Buffer.alloc(4096);
  const length = sys.read(fd, bytes);
  const [record] = sys.decodeInotifyEvents(bytes.subarray(0, length));
  bytes.fill(0);
  assert.deepEqual([...(record?.name ?? [])], [0xff, 0xfe], 'a copy: the buffer was used again');
  assert.ok(sys.inotify_add_watch(fd, Uint8Array.from(path), sys.IN_OPEN) > 0);
});

test('a watch ends with its file, and a removed one says so', (t) => {
  const { fd, folder } = watching(t);
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const wd = sys.inotify_add_watch(fd, inner, sys.IN_DELETE_SELF);
  rmdirSync(inner);
  const gone = sys.inotify_add_watch(fd, folder, sys.IN_CREATE);
  assert.equal(sys.inotify_rm_watch(fd, gone), 0);
  assert.deepEqual(eventsOf(fd), [
    { wd, mask: sys.IN_DELETE_SELF, cookie: 0, name: '' },
    { wd, mask: sys.IN_IGNORED, cookie: 0, name: '' },
    { wd: gone, mask: sys.IN_IGNORED, cookie: 0, name: '' },
  ]);
});

test('a full queue ends with IN_Q_OVERFLOW, of no watch', (t) => {
  const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  if (most > 100_000) return t.skip(`fs.inotify.max_queued_events is ${most}: too many events to make`);
  const { fd, folder } = watching(t);
  const wd = sys.inotify_add_watch(fd, folder, sys.IN_OPEN | sys.IN_CLOSE);
  for (let events = 0; events <= most; events += 2) sys.close(sys.open(folder, sys.O_RDONLY));
  const records = eventsOf(fd);
  assert.equal(records.length, most + 1);
  assert.equal(records[0]?.wd, wd);
  assert.deepEqual(records.at(-1), { wd: -1, mask: sys.IN_Q_OVERFLOW, cookie: 0, name: '' });
});

test('what the kernel refuses', (t) => {
  const { fd, folder } = watching(t);
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('file', join(folder, 'link'));
  const add = (path: string, mask: number): number => sys.inotify_add_watch(fd, path, mask);
  assert.equal(sys.inotify_init1(1), -sys.EINVAL);
  assert.equal(add('', sys.IN_OPEN), -sys.ENOENT);
  assert.equal(add(join(folder, 'absent'), sys.IN_OPEN), -sys.ENOENT);
  assert.equal(add(join(folder, 'file', 'x'), sys.IN_OPEN), -sys.ENOTDIR);
  assert.equal(add(join(folder, 'file'), sys.IN_OPEN | sys.IN_ONLYDIR), -sys.ENOTDIR);
  assert.equal(add('x'.repeat(5000), sys.IN_OPEN), -sys.ENAMETOOLONG);
  assert.equal(add(folder, 0), -sys.EINVAL);
  assert.ok(add(join(folder, 'link'), sys.IN_OPEN | sys.IN_DONT_FOLLOW) !== add(join(folder, 'link'), sys.IN_OPEN));
  assert.equal(add(join(folder, 'file'), sys.IN_OPEN | sys.IN_MASK_CREATE), -sys.EEXIST);
  assert.equal(sys.inotify_rm_watch(fd, 12345), -sys.EINVAL);
  assert.equal(sys.inotify_add_watch(opened(t, sys.eventfd(0, 0)), folder, sys.IN_OPEN), -sys.EINVAL);
});

/** An inotify descriptor and an empty folder, both gone when the test ends. */
function watching(t: TestContext): { fd: number; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-ts-inotify-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { fd: opened(t, sys.inotify_init1(sys.IN_NONBLOCK | sys.IN_CLOEXEC)), folder };
}

/** Everything that waits to be read, with the names as texts. */
function eventsOf(fd: number): { wd: number; mask: number; cookie: number; name: string }[] {
  const bytes = new Uint8Array(65536);
  const records = [];
  for (let length = sys.read(fd, bytes); length > 0; length = sys.read(fd, bytes)) {
    for (const { name, ...record } of sys.decodeInotifyEvents(bytes.subarray(0, length))) {
      records.push({ ...record, name: Buffer.from(name).toString() });
    }
  }
  return records;
}
