import { close, dup3, F_GETFD, F_GETFL, F_SETFL, fcntl, O_NONBLOCK } from 'epoll-ts/sys';
import type { Random } from './random.ts';

// Beyond any fs.nr_open: surely not open.
const beyond = [0x7fff_ffff, 0x7fff_0000, 0x5000_0000];

/**
 * The descriptors that the fuzzer may use. `close(0)` is a legal call, and so is `close` of a number that Node uses: what
 * comes of it is no defect. So numbers are drawn from what the fuzzer opened itself, and from those that can't be open.
 */
export class Descriptors {
  readonly #random: Random;
  // Those that were there at the start, Node's own among them: never touched.
  readonly #foreign: ReadonlySet<number>;
  // Opened by a call of sys: may be closed by number.
  readonly #raw = new Set<number>();
  // Owned by an object of the library: may be used by number, but not closed, as another file could get the number then.
  readonly #owned = new Set<number>();

  // Of those, what had been opened by a call of sys before.
  readonly #borrowed = new Set<number>();

  readonly #given = new Set<number>();

  constructor(random: Random, foreign: Iterable<number>) {
    this.#random = random;
    this.#foreign = new Set(foreign);
  }

  /** Takes note of a descriptor that a call has just made, and has it never block. @returns false where it is none */
  adopt(fd: unknown): boolean {
    if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 3 || fd > 0xffff) return false;
    if (this.#foreign.has(fd) || fcntl(fd, F_GETFD) < 0) return false;
    // New: an object that owned the number is closed.
    this.#owned.delete(fd);
    this.#raw.add(fd);
    neverBlock(fd);
    return true;
  }

  /** An object owns this number now. */
  own(fd: number): void {
    if (this.#raw.delete(fd)) this.#borrowed.add(fd);
    this.#owned.add(fd);
  }

  /** These are all that objects own; what another object borrowed is raw again. */
  ownOnly(fds: readonly number[]): void {
    const before = [...this.#owned];
    this.#owned.clear();
    for (const fd of fds) this.own(fd);
    for (const fd of before) if (!this.#owned.has(fd)) this.disown(fd);
  }

  /** The object that owned the number is closed. */
  disown(fd: number): void {
    this.#owned.delete(fd);
    if (this.#borrowed.delete(fd) && fcntl(fd, F_GETFD) >= 0) this.#raw.add(fd);
  }

  /** A number that may be used, but not closed. */
  any(): number {
    const known = [...this.#raw, ...this.#owned];
    return known.length > 0 && this.#random.chance(80) ? this.#random.pick(known) : this.closed();
  }

  /** A number that may be closed. */
  disposable(): number {
    const raw = [...this.#raw];
    return raw.length > 0 && this.#random.chance(85) ? this.#random.pick(raw) : this.closed();
  }

  /** A number that no open file has. */
  closed(): number {
    return this.#random.chance(30) ? -1 : this.#random.pick(beyond);
  }

  /** An object may own this number from now on, whether it is ever seen or not. */
  giveAway(fd: unknown): void {
    if (typeof fd === 'number' && this.#raw.delete(fd)) this.#given.add(fd);
  }

  /** Closes what was given away, and nobody took. */
  closeGiven(): void {
    for (const fd of this.#given) if (!this.#foreign.has(fd)) close(fd);
  }

  /** Forgets what a call has closed. */
  closedByNumber(fd: unknown): void {
    if (typeof fd === 'number' && this.#raw.has(fd) && fcntl(fd, F_GETFD) < 0) this.#raw.delete(fd);
  }

  /** Closes numbers until at most `most` are left. */
  trim(most: number): void {
    for (const fd of this.#raw) {
      if (this.#raw.size <= most) return;
      this.#raw.delete(fd);
      close(fd);
    }
  }

  /**
   * Closes the number of an open object, does something, and fills the gap: so an object meets a number that someone else
   * closed, and no file of Node ever comes under it.
   */
  withoutFile(fd: number, filler: number, use: () => void): void {
    close(fd);
    try {
      use();
    } finally {
      dup3(filler, fd, 0o2000000);
      neverBlock(fd);
    }
  }
}

/** Sets O_NONBLOCK where it lacks. */
export function neverBlock(fd: number): void {
  const flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) === 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}
