import {
  EEXIST,
  EINVAL,
  ELOOP,
  ENOENT,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDNORM,
  EPOLLWAKEUP,
} from 'epoll-ts/sys';
import type { OpenFile } from './openFile.ts';
import { type Sleeper, WaitQueue } from './waitQueue.ts';

const always = EPOLLERR | EPOLLHUP;
const modifiers = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;
const besideExclusive = EPOLLIN | EPOLLOUT | always | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

/** One event of a wait. */
export interface ModelEvent {
  readonly events: number;
  readonly data: bigint;
  readonly entry: ModelEntry;
}

/** One entry of an interest list: a file and the number under which it was added. */
export class ModelEntry implements Sleeper {
  readonly owner: ModelEpoll;
  readonly file: OpenFile;
  readonly fd: number;
  events = 0;
  data = 0n;

  constructor(owner: ModelEpoll, file: OpenFile, fd: number) {
    this.owner = owner;
    this.file = file;
    this.fd = fd;
  }

  get exclusive(): boolean {
    return (this.events & EPOLLEXCLUSIVE) !== 0;
  }

  get readiness(): number {
    return (this.file.poll() & this.events) >>> 0;
  }

  woken(key: number): void {
    if ((this.events & ~modifiers) === 0) return; // a fired one-shot
    if (key === 0 || (key & this.events) !== 0) this.owner.changed(this);
  }
}

/**
 * An epoll instance after fs/eventpoll.c: an interest list and a ready list. What surprised here (Linux 6.18.44):
 *
 * - The ready list holds candidates: each is asked again when it is its turn, and leaves the list in silence when it is
 *   not ready. It keeps its place when it is woken again meanwhile, and after EPOLL_CTL_MOD.
 * - A level-triggered entry goes to the end of the list as it is reported, so that those which did not fit come first.
 * - An instance that watches another one is woken with EPOLLIN only: an entry that asked for EPOLLRDNORM alone is
 *   reported by EPOLL_CTL_ADD and EPOLL_CTL_MOD, and never by an event, although poll answers EPOLLIN | EPOLLRDNORM.
 * - Asking whether an inner instance is ready takes what is not ready out of its list, up to the first that is.
 * - Every event of the inner instance wakes the outer one, also when it was ready before: an edge-triggered entry for
 *   an epoll instance reports again and again without anybody having emptied it.
 */
export class ModelEpoll implements OpenFile {
  readonly kind = 'epoll';
  readonly queue = new WaitQueue();
  #entries: ModelEntry[] = [];
  #ready: ModelEntry[] = [];

  get entries(): readonly ModelEntry[] {
    return this.#entries;
  }

  /** How many candidates there are. */
  get candidates(): number {
    return this.#ready.length;
  }

  /** Whether `other` is this one or can be reached from it. */
  reaches(other: ModelEpoll): boolean {
    return other === this || this.#entries.some(({ file }) => file instanceof ModelEpoll && file.reaches(other));
  }

  /** epoll_ctl with a target that is open; the order of the checks is the kernel's. */
  control(op: number, target: { fd: number; file: OpenFile }, events: number, data: bigint): number {
    const { fd, file } = target;
    if (file === this) return -EINVAL;
    if (op !== EPOLL_CTL_DEL && (events & EPOLLEXCLUSIVE) !== 0) {
      if (op !== EPOLL_CTL_ADD || file instanceof ModelEpoll || (events & ~besideExclusive) !== 0) return -EINVAL;
    }
    if (op === EPOLL_CTL_ADD && file instanceof ModelEpoll && file.reaches(this)) return -ELOOP;
    const entry = this.#entries.find((other) => other.fd === fd && other.file === file);
    if (op === EPOLL_CTL_ADD) return entry === undefined ? this.#add(target, events, data) : -EEXIST;
    if (entry === undefined) return -ENOENT;
    if (op === EPOLL_CTL_DEL) this.forget(entry);
    else if (entry.exclusive) return -EINVAL;
    else this.#set(entry, events, data);
    return 0;
  }

  #add({ fd, file }: { fd: number; file: OpenFile }, events: number, data: bigint): number {
    const entry = new ModelEntry(this, file, fd);
    this.#entries.push(entry);
    entry.events = events;
    file.queue.add(entry);
    this.#set(entry, events, data);
    return 0;
  }

  #set(entry: ModelEntry, events: number, data: bigint): void {
    entry.events = (events | always) >>> 0;
    entry.data = data;
    if (entry.readiness === 0 || this.#ready.includes(entry)) return;
    this.#ready.push(entry);
    this.queue.wake(EPOLLIN);
  }

  /** Takes an entry out of both lists. */
  forget(entry: ModelEntry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#ready = this.#ready.filter((other) => other !== entry);
    entry.file.queue.remove(entry);
  }

  /** The file of an entry has changed. */
  changed(entry: ModelEntry): void {
    if (!this.#ready.includes(entry)) this.#ready.push(entry);
    this.queue.wake(EPOLLIN);
  }

  /** epoll_wait that does not wait. */
  wait(maxevents: number): ModelEvent[] {
    const scanned = this.#ready;
    this.#ready = [];
    const events: ModelEvent[] = [];
    while (events.length < maxevents) {
      const entry = scanned.shift();
      if (entry === undefined) break;
      const { readiness } = entry;
      if (readiness === 0) continue;
      events.push({ events: readiness, data: entry.data, entry });
      if ((entry.events & EPOLLONESHOT) !== 0) entry.events = (entry.events & modifiers) >>> 0;
      else if ((entry.events & EPOLLET) === 0) this.#ready.push(entry);
    }
    this.#ready = [...scanned, ...this.#ready];
    return events;
  }

  poll(): number {
    for (let first = this.#ready[0]; first !== undefined; first = this.#ready[0]) {
      if (first.readiness !== 0) return EPOLLIN | EPOLLRDNORM;
      this.#ready.shift();
    }
    return 0;
  }

  released(): void {
    for (const entry of this.#entries) this.forget(entry);
  }
}
