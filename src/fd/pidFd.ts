import { integerIn } from '../sys/argument.ts';
import {
  EBADF,
  EINVAL,
  ENOENT,
  ENOSYS,
  EPERM,
  ESRCH,
  pidfd_open,
  pidfd_send_signal,
  PIDFD_NONBLOCK,
  POLLIN,
  POLLNVAL,
  type SignalLike,
  signalNumber,
} from '../sys/index.ts';
import { created } from './advice.ts';
import { OwnedFd } from './ownedFd.ts';
import { pollNow } from './pollNow.ts';
import { check, SystemError } from './systemError.ts';
import { inspectable } from './inspectable.ts';

/**
 * Refers to one process: readable when it has ended. A number of a process can be given to another process after its
 * end; what is sent through this descriptor never reaches another one.
 *
 * It does not wait for the process as its parent does: the exit status stays with the parent (`child_process`). The
 * descriptor is close-on-exec and non-blocking. Linux 5.3.
 *
 * @see https://man7.org/linux/man-pages/man2/pidfd_open.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { spawn } from 'node:child_process';
 * import { Epoll, PidFd } from 'epoll-ts';
 * import { EPOLLIN, EpollEventBuffer } from 'epoll-ts/sys';
 *
 * const child = new PidFd(spawn('sleep', ['60']).pid ?? 0);
 * assert.equal(child.exited, false);
 * child.signal('SIGTERM');
 * const ep = new Epoll();
 * ep.add(child, EPOLLIN);
 * assert.equal(ep.wait(new EpollEventBuffer(1), { timeoutMs: 1000 }), 1);
 * assert.equal(child.exited, true);
 * ep.close();
 * child.close();
 * ```
 */
export class PidFd extends OwnedFd {
  static {
    inspectable(this.prototype, { fd: ({ fd }) => fd, pid: ({ pid }) => pid, exited: ({ exited }) => exited });
  }

  /** The number of the process. After its end, it may be the number of another one. */
  readonly pid: number;

  /**
   * @param pid a process, not one of its further threads. Be sure that it can't have been given to another process
   *   already: the number of a child stays its own until its parent has waited for it
   * @throws {TypeError | RangeError} when `pid` is no integer from 1 to 2147483647
   * @throws {SystemError} ESRCH when there is no such process, ENOENT or EINVAL for a further thread of one, EMFILE or
   *   ENFILE when there are too many open files, ENOSYS before Linux 5.3
   */
  constructor(pid: number) {
    integerIn(pid, 'pid', 1, 0x7fff_ffff);
    let answer = pidfd_open(pid, PIDFD_NONBLOCK);
    // The flag came with Linux 5.10. It is about waitid(2) only.
    if (answer === -EINVAL) answer = pidfd_open(pid, 0);
    super(created(answer, 'pidfd_open', openAdvice(answer, pid)));
    this.pid = pid;
  }

  /**
   * Whether the process has ended; true before its parent has waited for it, too.
   *
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   */
  get exited(): boolean {
    const fd = this.fd;
    const ready = check(pollNow(fd, POLLIN), 'poll', { fd });
    // poll(2) does not refuse a number under which no file is open: it says so in the events.
    if ((ready & POLLNVAL) !== 0) throw new SystemError(-EBADF, 'poll', { fd });
    return (ready & POLLIN) !== 0;
  }

  /**
   * Sends a signal. To a process that has ended and that its parent has not waited for, it is sent in vain, without an
   * error.
   *
   * @throws {TypeError | RangeError} for an unknown signal
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} ESRCH when the process has ended, EPERM when it belongs to another user
   * @see https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html
   */
  signal(signal: SignalLike): void {
    const fd = this.fd;
    const answer = pidfd_send_signal(fd, signalNumber(signal), 0);
    if (answer < 0) throw new SystemError(answer, 'pidfd_send_signal', { fd }, signalAdvice(answer, this.pid));
  }
}

function openAdvice(answer: number, pid: number): string {
  switch (-answer) {
    case ESRCH:
      return `no process ${pid}: it has ended and its parent has waited for it, or the number was never one`;
    case ENOENT: // Linux 6.15 and newer
    case EINVAL:
      return `${pid} is a further thread of a process: use the number of the process`;
    case ENOSYS:
      return 'needs Linux 5.3';
    default:
      return '';
  }
}

function signalAdvice(answer: number, pid: number): string {
  switch (-answer) {
    case ESRCH:
      return `process ${pid} has ended`;
    case EPERM:
      return `process ${pid} belongs to another user (CAP_KILL may signal it)`;
    default:
      return '';
  }
}
