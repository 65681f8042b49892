// What the kernel answers seldom: the calls are failed here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFd, PidFd, Pipe, TimerFd } from 'epoll-ts';
import {
  close,
  dup,
  EINTR,
  EINVAL,
  ENOSYS,
  EOPNOTSUPP,
  F_GETFD,
  F_GETFL,
  F_SETFL,
  fcntl,
  O_NONBLOCK,
  PIDFD_NONBLOCK,
} from 'epoll-ts/sys';
import { architectures } from '#epoll/sys/abi/syscallNumbers.js';
import { failCalls } from '../support/failingCalls.ts';

const fail = failCalls();

test('a close that a signal interrupted counts as closed: the number is not closed again', () => {
  const counter = new EventFd();
  const { fd } = counter;
  const closed: unknown[] = [];
  fail((symbol, args) => {
    if (symbol !== 'close') return undefined;
    closed.push(args[0]);
    return -EINTR;
  });
  counter.close();
  counter.close();
  fail(undefined);
  assert.deepEqual(closed, [fd]);
  assert.equal(counter.closed, true);
  // Linux has closed it by then; here nobody has.
  assert.ok(fcntl(fd, F_GETFD) >= 0);
  assert.equal(close(fd), 0);
});

test('PidFd works on kernels that know no PIDFD_NONBLOCK (below 5.10)', () => {
  const number = architectures.get(process.arch)?.pidfd_open;
  const flags: unknown[] = [];
  fail((symbol, [call, , flag]) => {
    if (symbol !== 'syscall' || call !== number) return undefined;
    flags.push(flag);
    return flag === 0 ? undefined : -EINVAL;
  });
  const own = new PidFd(process.pid);
  fail(undefined);
  assert.deepEqual(flags, [PIDFD_NONBLOCK, 0]);
  assert.equal(own.exited, false);
  own.close();
});

test('an EventFd that gets no room for its first value leaves no descriptor', () => {
  const before = dup(0);
  close(before);
  fail((symbol) => (symbol === 'write' ? -28 : undefined));
  assert.throws(() => new EventFd({ initial: 2n ** 40n }), { code: 'ENOSPC', syscall: 'write' });
  fail(undefined);
  const after = dup(0);
  close(after);
  assert.equal(after, before, 'the lowest free number is what it was');
});

for (const [name, answer] of [
  ['EOPNOTSUPP', -EOPNOTSUPP],
  ['ENOSYS', -ENOSYS],
] as const) {
  test(`a kernel without RWF_NOWAIT (${name}) is asked with poll(2), and nothing waits on a blocking file`, () => {
    const { preadv2, pwritev2 } = architectures.get(process.arch) ?? {};
    using counter = new EventFd();
    using timer = new TimerFd();
    using pipe = new Pipe();
    for (const { fd } of [counter, timer, pipe.reader, pipe.writer])
      fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    const into = new Uint8Array(8);
    fail((symbol, [call]) => (symbol === 'syscall' && (call === preadv2 || call === pwritev2) ? answer : undefined));
    assert.deepEqual([counter.read(), timer.read(), pipe.reader.read(into)], [null, null, null]);
    counter.write(7n);
    let written: number | false;
    let total = 0;
    while ((written = pipe.writer.write(new Uint8Array(100_000))) !== false) total += written;
    assert.deepEqual([counter.read(), pipe.reader.read(into)], [7n, 8]);
    assert.equal(total % 4096, 0, 'as much at once as poll(2) promises room for');
    fail(undefined);
  });
}
