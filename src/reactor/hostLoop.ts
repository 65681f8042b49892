import { setImmediate } from 'node:timers';
import { created } from '../fd/advice.ts';
import { epollCtlAdvice } from '../fd/epollCtlAdvice.ts';
import { check } from '../fd/systemError.ts';
import { backend, type LoopWatch } from '../sys/ffi/backend.ts';
import {
  close,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  epoll_create1,
  epoll_ctl,
  EPOLLIN,
  F_DUPFD_CLOEXEC,
  fcntl,
} from '../sys/index.ts';

// A watch that nothing refers to is garbage-collected and stops without a word (koffi 3.3.4 on Node 20, 24 and 26), so
// what is attached is rooted here until it is detached, as the host roots its own handles.
const attached = new Set<HostLoop>();

/**
 * Connects a reactor's epoll descriptor with the host's event loop: calls `turn` once in each loop iteration in which
 * the descriptor is readable, and again while `turn` answers that there may be more, as far as the host goes along.
 */
export class HostLoop {
  readonly #fd: number;
  readonly #turn: (again: boolean) => boolean;
  #watch: LoopWatch | undefined;
  #watched = -1;
  #proof: Proof | undefined;
  #alive = false;

  constructor(fd: number, turn: (again: boolean) => boolean) {
    this.#fd = fd;
    this.#turn = turn;
  }

  /** Whether the host's loop watches the descriptor. */
  get attached(): boolean {
    return this.#watch !== undefined;
  }

  /** The duplicate that the loop watches; -1 while it watches nothing. */
  get watched(): number {
    return this.#watch === undefined ? -1 : this.#watched;
  }

  /**
   * Begins to watch.
   *
   * @throws {SystemError} EMFILE; ELOOP nested too deep for the loop's own instance; ENOSPC or ENOMEM no room for one
   * more
   *   watch; EBADF when someone else closed the descriptor
   */
  attach(): void {
    if (this.#watch !== undefined) return;
    // libuv gets a duplicate of its own: a program that closed the reactor's number would leave libuv with an entry
    // that it can't delete, which spins at 100 % CPU, or with a bad descriptor to add, which aborts the process (Node
    // 20 to 26).
    const watched = created(fcntl(this.#fd, F_DUPFD_CLOEXEC, 0), 'fcntl');
    try {
      this.#proof = proveWatchable(watched, this.#fd);
      this.#watch = backend().watchReadable(watched, this.#turn);
    } catch (error) {
      this.#endProof();
      close(watched);
      throw error;
    }
    this.#watched = watched;
    const proof = this.#proof;
    afterPoll(() => {
      if (this.#proof === proof) this.#endProof();
    });
    if (!this.#alive) this.#watch.unref();
    attached.add(this);
  }

  /** Ends the watch; a turn that is due already does not run. */
  detach(): void {
    if (this.#watch === undefined) return;
    this.#watch.close();
    this.#watch = undefined;
    attached.delete(this);
    this.#endProof();
    close(this.#watched);
  }

  /** Whether watching keeps the process alive, now and after the next `attach`; at first it does not. */
  keepAlive(alive: boolean): void {
    this.#alive = alive;
    if (alive) this.#watch?.ref();
    else this.#watch?.unref();
  }

  #endProof(): void {
    if (this.#proof !== undefined) close(this.#proof.fd);
    this.#proof = undefined;
  }
}

interface Proof {
  readonly fd: number;
}

// What libuv will do, tried on an instance of our own: koffi 3.3.4 aborts the process when uv_poll_init is refused, and
// libuv when its own epoll_ctl is. A reactor over an epoll instance that is nested 4 deep was such a case (ELOOP), and
// so is fs.epoll.max_user_watches used up (ENOSPC). libuv asks only when its loop polls next: until then the instance
// stays and holds the kernel to its word, so that who nests deeper meanwhile is refused. The second entry, which goes
// at once, is the room that libuv's takes.
function proveWatchable(watched: number, fd: number): Proof {
  const probe = created(epoll_create1(EPOLL_CLOEXEC), 'epoll_create1');
  for (const member of [watched, fd]) {
    const call = { epfd: probe, op: EPOLL_CTL_ADD, fd: member, events: EPOLLIN };
    const answer = epoll_ctl(call.epfd, call.op, call.fd, call.events);
    if (answer >= 0) continue;
    // While the probe is open: the advice may ask about it.
    const advice = epollCtlAdvice(answer, call);
    close(probe);
    check(answer, 'epoll_ctl', { fd: member }, advice);
  }
  epoll_ctl(probe, EPOLL_CTL_DEL, fd, 0);
  return { fd: probe };
}

/**
 * Calls back when the loop has polled, whichever phase it is in: one immediate may come before the poll of its turn.
 */
function afterPoll(then: () => void): void {
  setImmediate(() => setImmediate(then).unref()).unref();
}
