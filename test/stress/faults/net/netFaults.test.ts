// What the fault runs found in src/net, as a part of the ordinary run: `npm run stress:faults` has all cases.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultProblem } from '../faultProblem.ts';
import { CannotTrace, reasonNotToTrace } from '../traced.ts';
import { uncoveredCalls } from './netCalls.ts';
import { netCases } from './netCases.ts';

test('each system call that a file of src/net makes has a case in the table of faults, and no other has', () => {
  assert.deepEqual(uncoveredCalls(), []);
});

const found: readonly (readonly [promise: string, program: string, injection: string])[] = [
  [
    'a signal while it asks whether there is something has no reader block',
    'fdReadable, empty pipe',
    'poll:error=EINTR:when=1 + openat:error=EMFILE:when=1',
  ],
  [
    'a signal while it asks for room has no writer block',
    'fdWritable, full pipe',
    'poll:error=EINTR:when=1 + openat:error=EMFILE:when=1',
  ],
  [
    'a signal is not taken for the end of a FIFO that has had no writer',
    'fdReadable, FIFO without a writer',
    'poll:error=EINTR:when=2',
  ],
  ['a listener without its mode leaves no file', 'new UnixListener, mode', 'chmod:error=EIO:when=1'],
  [
    'a path in use is EADDRINUSE, also without a descriptor to find out by whom',
    'new UnixListener, path in use',
    'socket:error=EMFILE:when=2',
  ],
  [
    'without a descriptor a listener does not leave IPv6 out unnoticed',
    'new TcpListener, any address',
    'socket:error=EMFILE:when=1',
  ],
  ['a sandbox that refuses each accept4 does not hang it', 'TcpListener.tryAccept', 'accept4:error=EPERM:when=1..4096'],
  ['a connect that a signal interrupts is begun', 'TcpStream.connect', 'connect:error=EINTR:when=1'],
  ['reset() closes, also where it can not reset', 'TcpStream.reset', 'setsockopt:error=EINVAL:when=1'],
  [
    'a server whose file can not be removed waits for its handlers',
    'serve, file that stays',
    'unlink:error=EACCES:when=1',
  ],
  [
    'a connection that its worker can not make an object of is closed, and the worker goes on',
    'serve, in a worker',
    'getsockopt:error=EBADF:when=1',
  ],
  [
    'what a worker that has ended left is closed, also where it can not be asked, and the server goes on',
    'serve, a worker that exits',
    'getsockopt:error=EBADF:when=3',
  ],
  [
    'descriptors that a look has opened are closed where the take fails',
    'UnixStream.tryReceiveFds',
    'recvmsg:error=ENOMEM:when=2',
  ],
  ['a set that could not be made leaves no descriptor', 'new StreamSet', 'epoll_ctl:error=ENOSPC:when=1'],
];

const skip = reasonNotToTrace();

for (const [promise, program, injection] of found) {
  test(promise, { skip: skip === '' ? false : skip }, async (t) => {
    const one = netCases.find((each) => each.program === program && each.injection === injection);
    assert.ok(one !== undefined, 'the table has no such case');
    try {
      assert.equal(await faultProblem(one), '');
    } catch (error) {
      // A child can be traced where a program that runs already can't (Yama).
      if (!(error instanceof CannotTrace)) throw error;
      t.skip(error.message);
    }
  });
}
