import { describe } from '../sys/argument.ts';
import {
  close,
  decodeSignalfdSiginfo,
  SFD_CLOEXEC,
  SFD_NONBLOCK,
  signalfd,
  signalfdSiginfoSize,
  SIGKILL,
  type SignalLike,
  signalName,
  signalNumber,
  SignalSet,
  SIGRTMIN,
  SIGSTOP,
  SIGSYS,
} from '../sys/index.ts';
import { oneOf } from '../sys/optionKind.ts';
import { optionsReader } from '../sys/optionsReader.ts';
import { created } from './advice.ts';
import { OwnedFd } from './ownedFd.ts';
import { readAvailable, readOnce } from './readAvailable.ts';
import { refuseThreadsThatLack } from './refuseThreadsThatLack.ts';
import { SignalHold } from './signalHold.ts';
import { inspectable } from './inspectable.ts';

/** Which signals a `SignalFd` is for. */
export interface SignalFdOptions {
  /**
   * 'process', the default: signals sent to the process, so that every one of its threads must block them. 'thread':
   * only signals sent to the calling thread (tgkill(2)).
   */
  readonly directed?: 'process' | 'thread';
}

/** A signal that was read. */
export interface SignalInfo {
  /** Its C name: 'SIGHUP', 'SIGRTMIN+1'. */
  readonly signal: string;
  /** Its number. */
  readonly number: number;
  /** How it was sent: 0 by kill(2), -1 by sigqueue(3), -6 by tgkill(2); more in sigaction(2). */
  readonly code: number;
  /** The process that sent it, 0 for the kernel. */
  readonly pid: number;
  /** The real user of the sender. */
  readonly uid: number;
  /** The integer that sigqueue(3) sent along. */
  readonly value: number;
  /** SIGCHLD: the child's exit status or signal. */
  readonly status: number;
  /** SIGIO: the descriptor. */
  readonly fd: number;
  /** SIGIO: what it is ready for, as poll(2) says it. */
  readonly band: number;
}

const readOptions = optionsReader<SignalFdOptions>('create a SignalFd', "{ directed: 'thread' }", {
  directed: oneOf('process', 'thread'),
});

const record = new Uint8Array(signalfdSiginfoSize);

// The mask is the thread's, and outlives the object. The descriptor may be closed by now: another one drops what is
// pending.
const collected = new FinalizationRegistry<SignalHold>((hold) => {
  const { last } = hold;
  if (last.values().length > 0) {
    const fd = signalfd(-1, last, SFD_CLOEXEC | SFD_NONBLOCK);
    // Without one the signals stay blocked: what is pending would have its default action, which ends the process.
    if (fd < 0) return;
    while (readOnce(fd, record) > 0);
    close(fd);
  }
  hold.release();
});

/**
 * Signals that are read, instead of interrupting: readable while one is pending. The descriptor is close-on-exec and
 * non-blocking. It belongs to the thread that made it: read and wait for it there.
 *
 * **A Node process can hardly use it for signals sent to the process.** The kernel gives such a signal to any thread
 * that does not block it, where its default action ends the process; and Node has threads (V8's, libuv's pool) whose
 * mask no program can change. The constructor looks at all threads and refuses. What works:
 *
 * - `process.on('SIGHUP', …)`, for every signal that has a handler in Node;
 * - SIGUSR1, which most of Node's threads block: start Node with `--disable-sigusr1` (22.14 or newer). Without the
 *   option the threads of libuv's pool don't, where they started before;
 * - `{ directed: 'thread' }`, for signals that are sent to this one thread, with `tgkill`. Not checked is that none is
 *   sent to the process.
 *
 * The calling thread blocks the signals until `close()`. Threads that it starts later inherit that. Child processes of
 * `child_process` don't: libuv gives them an empty mask. An object that is garbage-collected without `close()` unblocks
 * the signals, too. A fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL) can't be read: the kernel ends a thread that blocks its
 * own.
 *
 * @see https://man7.org/linux/man-pages/man2/signalfd.2.html
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { SignalFd } from 'epoll-ts';
 * import { gettid, SIGHUP, tgkill } from 'epoll-ts/sys';
 *
 * const signals = new SignalFd(['SIGHUP'], { directed: 'thread' });
 * assert.equal(signals.read(), null, 'none is pending');
 * tgkill(process.pid, gettid(), SIGHUP);
 * assert.equal(signals.read()?.signal, 'SIGHUP');
 * signals.close();
 * ```
 */
export class SignalFd extends OwnedFd {
  static {
    inspectable(this.prototype, {
      fd: ({ fd }) => fd,
      signals: (own) => own.#hold.signals.map((signal) => signalName(signal)),
    });
  }

  readonly #hold: SignalHold;

  /**
   * @param signals by number or C name; at least one
   * @throws {TypeError} when it is not iterable, a name or an option is unknown, or `directed` is neither 'process' nor
   *   'thread'
   * @throws {RangeError} for SIGKILL and SIGSTOP, which can't be blocked, for 32 and 33, which the C library keeps for
   *   itself, for numbers that are no signal, and when there is none
   * @throws {UnsupportedError} when a thread of the process does not block them all; it names the threads. The calling
   *   thread's mask is as it was
   * @throws {SystemError} EMFILE or ENFILE when there are too many open files; what /proc/self/task answered when it
   *   can't be read
   */
  constructor(signals: Iterable<SignalLike>, options?: SignalFdOptions) {
    const { directed = 'process' } = readOptions(options);
    const wanted = signalSetOf(signals);
    const hold = new SignalHold(wanted);
    let fd: number;
    try {
      if (directed === 'process') refuseThreadsThatLack(wanted);
      fd = created(signalfd(-1, wanted, SFD_CLOEXEC | SFD_NONBLOCK), 'signalfd');
    } catch (error) {
      hold.release();
      throw error;
    }
    super(fd);
    this.#hold = hold;
    collected.register(this, hold, this);
  }

  /**
   * Takes the next pending signal. A signal that is sent again while it is pending comes once; a real-time signal
   * (SIGRTMIN and above) as often as it was sent.
   *
   * @returns null where none is pending and the call would block
   * @throws {ClosedError} after `close()`
   * @throws {SystemError} EBADF when someone else closed the descriptor
   */
  read(): SignalInfo | null {
    if (readAvailable(this.fd, record) === null) return null;
    const { signo, code, pid, uid, int, status, fd, band } = decodeSignalfdSiginfo(record);
    return { signal: signalName(signo), number: signo, code, pid, uid, value: int, status, fd, band };
  }

  /**
   * Closes the descriptor, after the signals that this object blocked are unblocked again: those which were not blocked
   * before, and which no other `SignalFd` of this thread reads. Of these, the ones that are pending are dropped first:
   * they would have their default action, which ends the process for most. One that arrives after `close()` has it.
   *
   * @throws {SystemError} as `OwnedFd.close`
   */
  override close(): void {
    if (this.closed) return;
    collected.unregister(this);
    drop(this.fd, this.#hold.last);
    this.#hold.release();
    super.close();
  }
}

function signalSetOf(signals: Iterable<SignalLike>): SignalSet {
  if (typeof signals !== 'object' || signals === null || typeof signals[Symbol.iterator] !== 'function') {
    const rule = "an iterable of signals such as ['SIGHUP']";
    throw new TypeError(`Cannot use 'signals' as it must be ${rule}: current value is ${describe(signals)}`);
  }
  const set = new SignalSet();
  for (const signal of signals) {
    const number = signalNumber(signal);
    // glibc and musl take 32 and 33 (and musl 34) out of every mask without a word.
    if (number === SIGKILL || number === SIGSTOP || (number > SIGSYS && number < SIGRTMIN)) {
      throw new RangeError(
        `Cannot use 'signals' as each must be one that can be blocked: current value is ${signalName(number)}`,
      );
    }
    set.add(number);
  }
  if (set.values().length === 0) {
    throw new RangeError("Cannot use 'signals' as it must hold a signal: current length is 0");
  }
  return set;
}

/** Takes pending signals without looking at them. */
function drop(fd: number, signals: SignalSet): void {
  // Others may still be read by another SignalFd. A refusal means that someone else closed the number: it is not ours
  // to read.
  if (signals.values().length === 0 || signalfd(fd, signals, 0) < 0) return;
  while (readOnce(fd, record) > 0);
}
