import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { PidFd, SystemError } from 'epoll-ts';
import { ESRCH, POLLHUP, POLLIN, pollOne } from 'epoll-ts/sys';
import { nothingLeftOpen, openDescriptors } from '../support/openDescriptors.ts';
import { runNode } from '../support/runNode.ts';

function sleeper(t: TestContext): { readonly pid: number; readonly exit: Promise<unknown[]> } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  return { pid: child.pid ?? assert.fail('sleep did not start'), exit: once(child, 'exit') };
}

test('PidFd signals a process, and is readable when it has ended', async (t) => {
  const { pid, exit } = sleeper(t);
  using process = new PidFd(pid);
  assert.equal(process.pid, pid);
  assert.equal(process.exited, false);
  assert.equal(pollOne(process.fd, POLLIN, 0), 0);
  process.signal('SIGTERM');
  assert.equal(pollOne(process.fd, POLLIN, 10_000), POLLIN, 'ended, and its parent has not waited for it');
  assert.equal(process.exited, true);
  assert.deepEqual(await exit, [null, 'SIGTERM']);
  assert.equal(pollOne(process.fd, POLLIN, 10_000), POLLIN | POLLHUP, 'its parent has');
  assert.equal(process.exited, true);
});

test('PidFd signals a process that has ended in vain, until its parent has waited for it', async (t) => {
  const { pid, exit } = sleeper(t);
  using process = new PidFd(pid);
  process.signal(9);
  assert.equal(pollOne(process.fd, POLLIN, 10_000), POLLIN);
  process.signal('SIGTERM');
  await exit;
  assert.throws(() => process.signal('SIGTERM'), {
    name: 'SystemError',
    code: 'ESRCH',
    syscall: 'pidfd_send_signal',
    message: `ESRCH: pidfd_send_signal fd ${process.fd}: process ${pid} has ended`,
  });
});

test('PidFd says that there is no such process, and opens nothing', async (t) => {
  const { pid, exit } = sleeper(t);
  process.kill(pid, 'SIGKILL');
  await exit;
  const before = openDescriptors();
  for (const gone of [pid, 0x7fff_ffff]) {
    assert.throws(
      () => new PidFd(gone),
      (error) =>
        error instanceof SystemError &&
        error.errno === -ESRCH &&
        error.message.startsWith(`ESRCH: pidfd_open: no process ${gone}: `),
    );
  }
  nothingLeftOpen(before);
});

test('PidFd refuses a further thread of a process', () => {
  const thread = readdirSync('/proc/self/task')
    .map(Number)
    .find((tid) => tid !== process.pid);
  assert.ok(thread !== undefined, 'Node has more than one thread');
  const message = new RegExp(`^E\\w+: pidfd_open: ${thread} is a further thread of a process`);
  assert.throws(() => new PidFd(thread), { name: 'SystemError', message });
});

test('PidFd refuses what is no process number or no signal', () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31]) assert.throws(() => new PidFd(pid), RangeError);
  for (const pid of ['1', undefined, 1n]) assert.throws(() => new PidFd(pid as unknown as number), TypeError);
  using own = new PidFd(process.pid);
  for (const signal of [0, 65, -1]) assert.throws(() => own.signal(signal), RangeError);
  for (const signal of ['TERM', 'sigterm', null]) assert.throws(() => own.signal(signal as string), TypeError);
});

const unprivileged = `
import { PidFd } from 'epoll-ts';
const parent = new PidFd(1);
if (process.getuid() === 0) process.setuid(65534);
try {
  parent.signal('SIGCONT');
} catch (error) {
  console.log(error.code, error.message.replace(/fd \\d+/, 'fd N'));
}
`;

test("PidFd says that another user's process can't be signalled", (t) => {
  if (process.getuid?.() !== 0 && statSync('/proc/1').uid === process.getuid?.()) {
    t.skip('process 1 belongs to the user who runs the tests');
    return;
  }
  const { stdout } = runNode('--input-type=module', '--eval', unprivileged);
  const advice = 'process 1 belongs to another user (CAP_KILL may signal it)';
  assert.equal(stdout, `EPERM EPERM: pidfd_send_signal fd N: ${advice}\n`);
});
