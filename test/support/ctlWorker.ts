// A worker: changes an entry of its own epoll instance over and over, at the same time as the others, and counts the
// answers that are not what it wrote. Data: how many workers there are, its number, and a SharedArrayBuffer to start
// together.
import { parentPort, workerData } from 'node:worker_threads';
import * as sys from 'epoll-ts/sys';

/** What the worker is given. */
export interface CtlWorkerData {
  readonly workers: number;
  readonly number: number;
  readonly rounds: number;
  readonly gate: SharedArrayBuffer;
}

/** What it posts. */
export interface CtlWorkerReport {
  readonly tid: number;
  readonly rounds: number;
  readonly wrong: readonly string[];
}

const { workers, number, rounds, gate } = workerData as CtlWorkerData;
const arrived = new Int32Array(gate);
const epfd = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const ready = sys.eventfd(1, sys.EFD_CLOEXEC | sys.EFD_NONBLOCK);
const idle = sys.eventfd(0, sys.EFD_CLOEXEC | sys.EFD_NONBLOCK);
const timer = sys.timerfd_create(sys.CLOCK_MONOTONIC, sys.TFD_CLOEXEC);
const buffer = new sys.EpollEventBuffer(4);
const old = { valueNs: 0n, intervalNs: 0n };
const hourNs = 3_600_000_000_000n;
const wrong: string[] = [];
check('add', sys.epoll_ctl(epfd, sys.EPOLL_CTL_ADD, ready, sys.EPOLLIN), 0);

Atomics.add(arrived, 0, 1);
while (Atomics.load(arrived, 0) < workers); // spins, so that all start in the same instant
for (let round = 1; round <= rounds; round++) {
  const own = (BigInt(number + 1) << 60n) | (BigInt(round) << 32n) | BigInt(round);
  check('modify', sys.epoll_ctl(epfd, sys.EPOLL_CTL_MOD, ready, sys.EPOLLIN, own), 0);
  check('wait', sys.epoll_wait(epfd, buffer, 4, 0), 1);
  check('data', buffer.data(0), own);
  check('pwait2', sys.epoll_pwait2(epfd, buffer, 4, 1_000_000n + BigInt(number), null), 1);
  check('errno', sys.eventfd_read(idle), -sys.EAGAIN);
  check('add to the counter', sys.eventfd_write(idle, own), 0);
  check('counter', sys.eventfd_read(idle), own);
  const setting = { valueNs: hourNs, intervalNs: hourNs + own / 1_000n };
  check('set the timer', sys.timerfd_settime(timer, 0, setting), 0);
  check('unset the timer', sys.timerfd_settime(timer, 0, { valueNs: 0n, intervalNs: 0n }, old), 0);
  check('interval', old.intervalNs, setting.intervalNs);
}
for (const fd of [timer, idle, ready, epfd]) check('close', sys.close(fd), 0);
parentPort?.postMessage({ tid: sys.gettid(), rounds, wrong } satisfies CtlWorkerReport);

function check(what: string, answer: unknown, expected: unknown): void {
  if (answer !== expected && wrong.length < 10) wrong.push(`${what}: ${String(answer)} instead of ${String(expected)}`);
}
