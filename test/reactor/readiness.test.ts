// What the masks mean: a table of every predicate against every flag.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isError, isHangup, isPriority, isReadable, isReadHangup, isWritable } from 'epoll-ts';
import * as sys from 'epoll-ts/sys';

const predicates = { isReadable, isWritable, isPriority, isReadHangup, isHangup, isError };

// man epoll_ctl(2): what a read or a write would do.
const meaning: Readonly<Record<string, readonly (keyof typeof predicates)[]>> = {
  EPOLLIN: ['isReadable'],
  EPOLLRDNORM: ['isReadable'],
  EPOLLRDBAND: ['isReadable'],
  EPOLLOUT: ['isWritable'],
  EPOLLWRNORM: ['isWritable'],
  EPOLLWRBAND: ['isWritable'],
  EPOLLPRI: ['isPriority'],
  EPOLLRDHUP: ['isReadable', 'isReadHangup'],
  EPOLLHUP: ['isReadable', 'isWritable', 'isReadHangup', 'isHangup'],
  EPOLLERR: ['isReadable', 'isWritable', 'isError'],
  EPOLLMSG: [],
  EPOLLET: [],
  EPOLLONESHOT: [],
  EPOLLEXCLUSIVE: [],
  EPOLLWAKEUP: [],
};

for (const [flag, expected] of Object.entries(meaning)) {
  test(`${flag} means ${expected.join(', ') || 'nothing'}`, () => {
    const mask = sys[flag as keyof typeof sys] as unknown as number;
    const said = Object.entries(predicates).filter(([, predicate]) => predicate(mask));
    assert.deepEqual(
      said.map(([name]) => name),
      expected,
    );
  });
}

test('an empty mask means nothing, and a full one all', () => {
  for (const predicate of Object.values(predicates))
    assert.deepEqual([predicate(0), predicate(0xffff_ffff)], [false, true]);
});
