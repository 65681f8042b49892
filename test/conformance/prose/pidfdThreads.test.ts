// pidfds of processes with several threads: what counts as the end of a process, and of a thread.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Epoll } from 'epoll-ts';
import {
  ENOENT,
  EpollEventBuffer,
  EPOLLIN,
  errnoName,
  PIDFD_SIGNAL_THREAD,
  PIDFD_THREAD,
  pidfd_open,
  pidfd_send_signal,
  POLLIN,
  pollOne,
} from 'epoll-ts/sys';
import { until } from '../../support/loopTurns.ts';
import { opened } from '../../support/opened.ts';
import { endOf, messageOf, startThread } from '../../support/threadScript.ts';
import { syscall } from '../raw/syscall.ts';
import { ScriptProcess } from './scriptProcess.ts';

const hangMs = 30_000;
const pPid = 1;
const siginfoBytes = 128;
const [exited, noHang, noWait] = [0x4, 0x1, 0x01000000];

/** Says the number of its second thread, which runs /bin/cat at the first byte: it ends with the standard input. */
const threadThatExecs = `
  const worker = startThread(\`
    const { execute } = await import(workerData + '/build/test/conformance/raw/execute.js');
    parentPort.postMessage(sys.gettid());
    sys.read(0, new Uint8Array(1));
    // Node makes its standard streams close-on-exec.
    for (const fd of [0, 1, 2]) sys.fcntl(fd, sys.F_SETFD, 0);
    execute('/bin/cat');\`, process.cwd());
  say(await messageOf(worker));`;

/** Its first thread ends alone; the second ends the process with the standard input. */
const leaderThatEnds = `
  const worker = startThread(\`
    const { endProcess } = await import(workerData + '/build/test/conformance/raw/syscall.js');
    parentPort.postMessage('ready');
    sys.read(0, new Uint8Array(1));
    endProcess(0);\`, process.cwd());
  await messageOf(worker);
  say('ready');
  raw.syscall('exit', 0);`;

function pidfdOf(t: TestContext, pid: number, flags = 0): number {
  return opened(t, pidfd_open(pid, flags));
}

function readable(pidfd: number, timeoutMs = 0): boolean {
  return (pollOne(pidfd, POLLIN, timeoutMs) & POLLIN) !== 0;
}

function statusLine(pid: number, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}

/** Whether the child has ended, without reaping it. */
function ended(pid: number, options: number): boolean {
  const info = Buffer.alloc(siginfoBytes);
  assert.equal(syscall('waitid', pPid, pid, info, exited | noWait | options, null), 0);
  return info.readInt32LE(0) !== 0;
}

async function isCat(pid: number): Promise<void> {
  const waits = (): boolean => statusLine(pid, 'Name') === 'cat' && statusLine(pid, 'State').startsWith('S');
  await until('the thread runs cat', waits);
}

async function leaderIsGone(pid: number): Promise<void> {
  await until('the first thread has ended', () => statusLine(pid, 'State').startsWith('Z'));
}

test(
  'k-pidfd-epoll-exec: a thread that execs replaces its process, ' +
    'and epoll tells of the end of the new program only',
  async (t) => {
    using child = new ScriptProcess(threadThatExecs);
    await child.line();
    const pidfd = pidfdOf(t, child.pid);
    using ep = new Epoll();
    const events = new EpollEventBuffer(5);
    ep.add(pidfd, EPOLLIN);
    await child.poke();
    await isCat(child.pid);
    assert.equal(ep.wait(events, { timeoutMs: 0 }), 0);
    await child.endInput();
    assert.equal(ep.wait(events, { timeoutMs: hangMs }), 1);
    assert.equal(events.events(0) & EPOLLIN, EPOLLIN);
    assert.equal(events.data(0), BigInt(pidfd));
  },
);

test('k-pidfd-exec-waitpid: a parent waits for the end of the new program, too', async () => {
  using child = new ScriptProcess(threadThatExecs);
  await child.line();
  await child.poke();
  await isCat(child.pid);
  assert.equal(ended(child.pid, noHang), false);
  await child.endInput();
  assert.equal(ended(child.pid, 0), true);
});

test('k-pidfd-leader-exit: a process lives, and its pidfd is silent, until its last thread has ended', async (t) => {
  using child = new ScriptProcess(leaderThatEnds);
  await child.line();
  await leaderIsGone(child.pid);
  const pidfd = pidfdOf(t, child.pid);
  using ep = new Epoll();
  const events = new EpollEventBuffer(5);
  ep.add(pidfd, EPOLLIN);
  assert.equal(ep.wait(events, { timeoutMs: 0 }), 0);
  await child.endInput();
  assert.equal(ep.wait(events, { timeoutMs: hangMs }), 1);
  assert.equal(events.events(0) & EPOLLIN, EPOLLIN);
});

test('k-pidfd-leader-exit-wait: a parent cannot reap a process of which a thread is left', async () => {
  using child = new ScriptProcess(leaderThatEnds);
  await child.line();
  await leaderIsGone(child.pid);
  assert.equal(ended(child.pid, noHang), false);
  await child.endInput();
  assert.equal(ended(child.pid, 0), true);
});

test('g-pid-thread: PIDFD_THREAD refers to one thread of a process, a worker for example', async (t) => {
  const worker = startThread(`
    parentPort.once('message', () => parentPort.close());
    parentPort.postMessage(sys.gettid());`);
  const tid = Number(await messageOf(worker));
  const thread = pidfdOf(t, tid, PIDFD_THREAD);
  // EINVAL before Linux 6.15.
  assert.match(errnoName(pidfd_open(tid, 0)), /^(ENOENT|EINVAL)$/, String(-ENOENT));
  assert.equal(readable(thread), false);
  assert.equal(pidfd_send_signal(thread, 0, PIDFD_SIGNAL_THREAD), 0);
  const end = endOf(worker);
  worker.postMessage('end');
  assert.equal(readable(thread, hangMs), true);
  await end;
});

test('g-pid-thread-leader: a pidfd of the first thread tells of its end when it is the last', async (t) => {
  using child = new ScriptProcess(leaderThatEnds);
  const leader = pidfdOf(t, child.pid, PIDFD_THREAD);
  await child.line();
  await leaderIsGone(child.pid);
  assert.equal(readable(leader), false);
  await child.endInput();
  assert.equal(readable(leader, hangMs), true);
});

test('g-pid-thread-sub: a pidfd of another thread tells of its end while the process goes on', async (t) => {
  using child = new ScriptProcess(`
    const worker = startThread(\`parentPort.postMessage(sys.gettid()); sys.read(0, new Uint8Array(1));\`);
    say(await messageOf(worker));
    setTimeout(() => {}, 100_000);`);
  const thread = pidfdOf(t, Number(await child.line()), PIDFD_THREAD);
  const whole = pidfdOf(t, child.pid);
  assert.equal(readable(thread), false);
  await child.poke();
  assert.equal(readable(thread, hangMs), true);
  assert.equal(readable(whole), false);
});

test('g-pid-thread-exec: exec ends the thread that called it under its own number, and gives it that of the first', async (t) => {
  using child = new ScriptProcess(threadThatExecs);
  const thread = pidfdOf(t, Number(await child.line()), PIDFD_THREAD);
  const leader = pidfdOf(t, child.pid, PIDFD_THREAD);
  await child.poke();
  assert.equal(readable(thread, hangMs), true);
  await isCat(child.pid);
  assert.equal(readable(leader), false);
  child.kill();
  assert.equal(readable(leader, hangMs), true);
});
