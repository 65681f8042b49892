import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Inotify, type Watch } from 'epoll-ts';
import {
  IN_ACCESS,
  IN_ALL_EVENTS,
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE_SELF,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_MODIFY,
  IN_ONESHOT,
  IN_ONLYDIR,
  IN_OPEN,
} from 'epoll-ts/sys';
import { drainInotify, eventLines, temporaryFolder } from '../support/inotifyFolder.ts';

/** The mask that the kernel holds for a watch. */
function kernelMask(inotify: Inotify, { wd }: Watch): number | undefined {
  const text = readFileSync(`/proc/self/fdinfo/${inotify.fd}`, 'utf8');
  const mask = new RegExp(`^inotify wd:${wd.toString(16)} .* mask:([0-9a-f]+) `, 'm').exec(text)?.[1];
  return mask === undefined ? undefined : Number.parseInt(mask, 16) & IN_ALL_EVENTS;
}
test('watch() of the same file by another path gives the same Watch, with the new path and mask', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  writeFileSync(folder.file('a'), '');
  symlinkSync('a', folder.file('b'));
  const watch = inotify.watch(folder.file('a'), IN_MODIFY | IN_OPEN);
  assert.deepEqual([watch.path, watch.mask], [folder.file('a'), IN_MODIFY | IN_OPEN]);
  assert.equal(inotify.watch(folder.file('b'), IN_ATTRIB), watch);
  assert.deepEqual([watch.path, watch.mask, kernelMask(inotify, watch)], [folder.file('b'), IN_ATTRIB, IN_ATTRIB]);
  assert.equal(inotify.watch(folder.file('a'), IN_ACCESS | IN_MASK_ADD), watch);
  assert.equal(watch.mask, IN_ATTRIB | IN_ACCESS);
  assert.equal(kernelMask(inotify, watch), IN_ATTRIB | IN_ACCESS);
  const other = inotify.watch(folder.path, IN_CREATE | IN_MASK_ADD);
  assert.notEqual(other, watch);
  assert.equal(other.mask, IN_CREATE);
});

test('unwatch() ends a watch: what is queued still comes with it, then IN_IGNORED', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  const watch = inotify.watch(folder.path, IN_CREATE);
  writeFileSync(folder.file('a'), '');
  assert.equal(inotify.unwatch(watch), true);
  assert.equal(inotify.unwatch(watch), false, 'before its last event is read');
  writeFileSync(folder.file('b'), '');
  const events = drainInotify(inotify);
  assert.deepEqual(eventLines(events), ['a IN_CREATE', 'IN_IGNORED']);
  assert.ok(events.every((event) => event.watch === watch));
  assert.equal(inotify.unwatch(watch), false, 'and after');
  const again = inotify.watch(folder.path, IN_CREATE);
  assert.notEqual(again, watch);
  assert.notEqual(again.wd, watch.wd);
});

test('a watch whose file is deleted ends, whether its last event was read or not', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  mkdirSync(folder.file('sub'));
  const watch = inotify.watch(folder.file('sub'), IN_DELETE_SELF);
  rmdirSync(folder.file('sub'));
  assert.equal(inotify.unwatch(watch), false);
  mkdirSync(folder.file('sub'));
  const again = inotify.watch(folder.file('sub'), IN_CREATE);
  assert.notEqual(again, watch);
  writeFileSync(folder.file('sub/a'), '');
  const events = drainInotify(inotify);
  assert.deepEqual(eventLines(events), ['IN_DELETE_SELF', 'IN_IGNORED', 'a IN_CREATE']);
  assert.deepEqual(
    events.map((event) => event.watch),
    [watch, watch, again],
  );
  assert.equal(inotify.unwatch(again), true);
});

test('a watch with IN_ONESHOT ends after one event', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  const watch = inotify.watch(folder.path, IN_CREATE | IN_ONESHOT);
  assert.equal(watch.mask, 0x8000_0100, 'the mask is unsigned');
  writeFileSync(folder.file('a'), '');
  writeFileSync(folder.file('b'), '');
  assert.deepEqual(eventLines(drainInotify(inotify)), ['a IN_CREATE', 'IN_IGNORED']);
  assert.notEqual(inotify.watch(folder.path, IN_CREATE | IN_ONESHOT), watch);
});

test('unwatch() refuses a watch of another Inotify, and what is none', () => {
  using inotify = new Inotify();
  using other = new Inotify();
  const watch = inotify.watch('/', IN_CREATE);
  const otherWatch = other.watch('/', IN_CREATE);
  assert.equal(watch.wd, otherWatch.wd, 'the numbers alone say nothing');
  for (const wrong of [otherWatch, { ...watch }, watch.wd, null]) {
    assert.throws(() => inotify.unwatch(wrong as Watch), TypeError);
  }
  assert.notEqual(kernelMask(inotify, watch), undefined);
});

test('watch() says with the path what is wrong', () => {
  using folder = temporaryFolder();
  using inotify = new Inotify();
  writeFileSync(folder.file('a'), '');
  inotify.watch(folder.file('a'), IN_MODIFY);
  const cases: readonly (readonly [string, path: string, mask: number, RegExp])[] = [
    ['ENOENT', folder.file('none'), IN_CREATE, /no such file/],
    ['ENOTDIR', folder.file('a'), IN_CREATE | IN_ONLYDIR, /IN_ONLYDIR wants a directory/],
    ['EEXIST', folder.file('a'), IN_MODIFY | IN_MASK_CREATE, /IN_MASK_CREATE wants/],
    ['EINVAL', folder.path, 0, /must hold an event/],
    ['EINVAL', folder.path, IN_CREATE | IN_MASK_ADD | IN_MASK_CREATE, /not both IN_MASK_ADD and IN_MASK_CREATE/],
  ];
  for (const [code, path, mask, message] of cases) {
    assert.throws(() => inotify.watch(path, mask), {
      name: 'SystemError',
      code,
      path,
      syscall: 'inotify_add_watch',
      message,
    });
  }
  assert.throws(() => inotify.watch(Buffer.from('/none/\xff', 'latin1'), IN_CREATE), {
    code: 'ENOENT',
    path: '/none/\uFFFD',
  });
  assert.throws(() => inotify.watch('a\0b', IN_CREATE), RangeError);
  assert.throws(() => inotify.watch('.', 2 ** 32), RangeError);
  assert.throws(() => inotify.watch(1 as unknown as string, IN_CREATE), TypeError);
});
