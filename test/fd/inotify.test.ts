import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatInotifyMask, Inotify } from 'epoll-ts';
import {
  IN_ACCESS,
  IN_ALL_EVENTS,
  IN_CLOSE,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVE,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_ONESHOT,
  IN_OPEN,
  IN_Q_OVERFLOW,
  pollOne,
  POLLIN,
} from 'epoll-ts/sys';
import { drainInotify, eventLines, temporaryFolder } from '../support/inotifyFolder.ts';

test('Inotify tells what happens in a directory, in order, with names', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  const watch = inotify.watch(folder.path, IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE);
  assert.equal(inotify.read(), null);
  writeFileSync(folder.file('a'), 'hello');
  mkdirSync(folder.file('sub'));
  unlinkSync(folder.file('a'));
  assert.equal(pollOne(inotify.fd, POLLIN, 10_000), POLLIN);
  const events = drainInotify(inotify);
  assert.deepEqual(eventLines(events), [
    'a IN_CREATE',
    'a IN_MODIFY',
    'a IN_CLOSE_WRITE',
    'sub IN_CREATE|IN_ISDIR',
    'a IN_DELETE',
  ]);
  assert.deepEqual(
    events.map(({ isDirectory }) => isDirectory),
    [false, false, false, true, false],
  );
  assert.ok(events.every((event) => event.watch === watch && event.cookie === 0 && !event.overflow));
  assert.equal(inotify.read(), null);
});

test('Inotify gives an empty name for the watched file itself', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  writeFileSync(folder.file('a'), '');
  const watch = inotify.watch(folder.file('a'), IN_MODIFY);
  writeFileSync(folder.file('a'), 'hello');
  const [event] = drainInotify(inotify);
  assert.equal(event?.watch, watch);
  assert.deepEqual([event.name, event.rawName.length, event.mask], ['', 0, IN_MODIFY]);
});

test('Inotify joins the two halves of a rename by a cookie', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  writeFileSync(folder.file('old'), '');
  inotify.watch(folder.path, IN_MOVE);
  renameSync(folder.file('old'), folder.file('new'));
  renameSync(folder.file('new'), folder.file('newer'));
  const events = drainInotify(inotify);
  assert.deepEqual(
    events.map(({ name, mask }) => [name, mask]),
    [
      ['old', IN_MOVED_FROM],
      ['new', IN_MOVED_TO],
      ['new', IN_MOVED_FROM],
      ['newer', IN_MOVED_TO],
    ],
  );
  const [first, second, third, fourth] = events.map(({ cookie }) => cookie);
  assert.ok(first !== 0 && first === second && third === fourth && first !== third);
});

test('Inotify keeps the bytes of names that are not UTF-8, in paths as in events', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  const directory = Buffer.concat([Buffer.from(folder.file('d')), Buffer.from([0xff])]);
  mkdirSync(directory);
  const watch = inotify.watch(directory, IN_CREATE);
  const name = Buffer.from([0x66, 0xe9, 0x74, 0xc3, 0xa9]); // 'f', an e acute of Latin-1, 't', one of UTF-8
  writeFileSync(Buffer.concat([directory, Buffer.from('/'), name]), '');
  const [event] = drainInotify(inotify);
  assert.equal(event?.watch, watch);
  assert.deepEqual(Buffer.from(event.rawName), name);
  assert.equal(event.name, 'f\uFFFDté');
  assert.deepEqual(watch.path, new Uint8Array(directory));
  directory.fill(0);
  assert.ok(!(watch.path as Uint8Array).includes(0), 'the path is a copy');
});

test('Inotify gives every event of a queue larger than its buffer, with the longest names', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  inotify.watch(folder.path, IN_CREATE);
  const names = Array.from({ length: 600 }, (_, index) => String(index).padStart(255, 'x'));
  for (const name of names) writeFileSync(folder.file(name), '');
  const first = inotify.read() ?? [];
  assert.ok(first.length > 200 && first.length < 300, `${first.length} events of 272 bytes fit into 64 KiB`);
  assert.deepEqual(
    [...first, ...drainInotify(inotify)].map(({ name }) => name),
    names,
  );
  assert.equal(first[0]?.name, names[0], 'an earlier event does not change with the next read');
});

test('Inotify reports that events were lost, and goes on', (t) => {
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  if (limit > 500_000) {
    t.skip(`the queue holds ${limit} events (fs.inotify.max_queued_events): filling it takes too long`);
    return;
  }
  using folder = temporaryFolder();
  using inotify = new Inotify();
  const watch = inotify.watch(folder.path, IN_OPEN);
  // In turn: an event that equals the last one in the queue is joined with it.
  const files = [folder.file('a'), folder.file('b')];
  for (const file of files) writeFileSync(file, '');
  for (let made = 0; made < limit + 10; made++) readFileSync(files[made % 2] ?? '');
  const events = drainInotify(inotify);
  const last = events.at(-1);
  assert.equal(events.length, limit + 1);
  assert.deepEqual(last, {
    watch: null,
    mask: IN_Q_OVERFLOW,
    cookie: 0,
    name: '',
    rawName: new Uint8Array(0),
    overflow: true,
    isDirectory: false,
  });
  assert.ok(events.slice(0, -1).every((event) => !event.overflow && event.watch === watch));
  readFileSync(files[0] ?? '');
  assert.deepEqual(eventLines(drainInotify(inotify)), ['a IN_OPEN']);
});

test('formatInotifyMask names every bit, lowest first', () => {
  assert.equal(formatInotifyMask(0), '0');
  assert.equal(formatInotifyMask(IN_ISDIR | IN_CREATE), 'IN_CREATE|IN_ISDIR');
  assert.equal(formatInotifyMask(IN_ONESHOT | IN_ACCESS), 'IN_ACCESS|IN_ONESHOT');
  assert.equal(formatInotifyMask(IN_CLOSE), 'IN_CLOSE_WRITE|IN_CLOSE_NOWRITE');
  assert.equal(formatInotifyMask(0x0080_0001 | 0), 'IN_ACCESS|0x800000');
  assert.equal(formatInotifyMask(IN_ALL_EVENTS).split('|').length, 12);
});
