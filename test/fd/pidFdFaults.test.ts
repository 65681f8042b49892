import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PidFd } from 'epoll-ts';
import { EBADF, EINVAL, ENOMEM } from 'epoll-ts/sys';
import { backend } from '#epoll/sys/ffi/backend.js';

// The kernel's answer to poll(2) is set here: it can't be had from a kernel that has memory.
let errno = ENOMEM;
const real = backend();
const { bind } = real;
real.bind = (symbol, parameters, result) =>
  symbol === 'poll' ? () => -1 : bind.call(real, symbol, parameters, result);
const realErrno = real.errno;
let failing = false;
real.errno = () => (failing ? errno : realErrno.call(real));

test('exited says which error poll(2) gave: a negative number holds the bit of POLLNVAL, too', () => {
  const own = new PidFd(process.pid);
  failing = true;
  for (const [number, code] of [
    [ENOMEM, 'ENOMEM'],
    [EINVAL, 'EINVAL'],
    [EBADF, 'EBADF'],
  ] as const) {
    errno = number;
    assert.throws(() => own.exited, { name: 'SystemError', code, syscall: 'poll' });
  }
  failing = false;
  own.close();
});
