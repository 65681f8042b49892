// Which descriptors are one file, while the processes that have them close and open others.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { EventFd } from 'epoll-ts';
import { close, dup } from 'epoll-ts/sys';
import { FileGroups, type FileRef, isComparable } from '#epoll/inspect/fileOrder.js';

const { pid } = process;
const own: FileRef = { pid, fd: 1 };
const skip = isComparable(own) ? false : 'kcmp is refused here';

/** Each of `count` files twice, all the first ones first. */
function twice(t: TestContext, count: number): FileRef[] {
  const files = Array.from({ length: count }, () => new EventFd());
  const copies = files.map(({ fd }) => dup(fd));
  t.after(() => {
    for (const file of files) file.close();
    for (const copy of copies) close(copy);
  });
  return [...files.map(({ fd }) => fd), ...copies].map((fd) => ({ pid, fd }));
}

/** A descriptor that is closed after it was looked at so many times. */
function closing(fd: number, looks: number): FileRef {
  let looked = 0;
  return {
    pid,
    get fd() {
      return looked++ < looks ? fd : 1_000_000;
    },
  };
}

function grouped(refs: readonly FileRef[]): number[] {
  const groups = new FileGroups();
  for (const ref of refs) groups.add(ref);
  return groups.all.map((group) => group.length).sort((a, b) => b - a);
}

test('descriptors of one file are one group, whatever comes between them', { skip }, (t) => {
  const refs = twice(t, 50);
  assert.deepEqual(grouped(refs), Array(50).fill(2));
  assert.deepEqual(grouped(refs.toReversed()), Array(50).fill(2));
});

test('a descriptor that is closed meanwhile is left out, and parts no other two', { skip }, (t) => {
  const refs = twice(t, 50);
  for (let looks = 0; looks < 12; looks++) {
    using file = new EventFd();
    const closed = Array.from({ length: 8 }, (_, index) => closing(file.fd, looks + index));
    const [first, second] = [refs.slice(0, 50), refs.slice(50)];
    const groups = grouped([...closed.slice(0, 4), ...first, ...closed.slice(4), ...second]);
    assert.ok(groups.filter((length) => length === 2).length >= 50, JSON.stringify(groups));
  }
});

test('a closed descriptor that stood for its group is replaced by the next', { skip }, (t) => {
  const [ref] = twice(t, 1);
  assert.ok(ref !== undefined);
  for (const looks of [1, 2]) {
    const groups = new FileGroups();
    for (const each of [closing(ref.fd, looks), ref, ref]) groups.add(each);
    assert.deepEqual(groups.all, [[ref, ref]]);
  }
});

test('join() adds to a group only', { skip }, (t) => {
  const [first, second, copy] = twice(t, 2);
  assert.ok(first !== undefined && second !== undefined && copy !== undefined);
  const groups = new FileGroups();
  groups.add(first);
  for (const ref of [second, copy]) groups.join(ref);
  assert.deepEqual(groups.all, [[first, copy]]);
});
