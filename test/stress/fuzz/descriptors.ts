import { readFileSync } from 'node:fs';
import { close, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFL, fcntl, O_NONBLOCK } from 'epoll-ts/sys';
import type { Random } from './random.ts';

// Beyond any fs.nr_open: surely not open.
const beyond = [0x7fff_ffff, 0x7fff_0000, 0x5000_0000];
const holeCount = 32;
// A reactor that is made and attached, with its waker and a pair of sockets, opens ten.
const fewestHoles = 16;

/**
 * The descriptors that the fuzzer may use. `close(0)` is a legal call, and so is `close` of a number that Node uses:
 * what comes of it is no defect. And the kernel gives a closed number to whoever opens next: Node, a thread, an object.
 *
 * So there are two ranges. The kernel's lowest numbers are Node's, and those of objects of the library: used by number
 * while the object is open, never closed by number and never given to a second owner. What a call of `sys` has opened
 * is moved to numbers that nobody gets who does not ask for them, each used once: closing one too often, or handing it
 * to two owners, then hits nobody.
 */
export class Descriptors {
  readonly #random: Random;
  /** The number of some open object; undefined where there is none. */
  readonly #owned: () => number | undefined;
  readonly #filler: number;
  readonly #first: number;
  readonly #end: number;
  #next: number;
  // May be closed by number, and given away.
  readonly #raw = new Set<number>();
  // Were given to a constructor that threw: its object may be there all the same, until it is collected.
  readonly #given = new Set<number>();
  // Numbers below those of all objects, which what is opened gets while an object's number is free.
  #holes: number[];

  /** @param filler a descriptor of /dev/null */
  constructor(random: Random, owned: () => number | undefined, filler: number) {
    this.#random = random;
    this.#owned = owned;
    this.#filler = filler;
    const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
    this.#end = Math.min(limit, 0x1_0000);
    this.#first = Math.min(2000, this.#end >> 1);
    this.#next = this.#first;
    this.#holes = Array.from({ length: holeCount }, () => fcntl(filler, F_DUPFD_CLOEXEC, 0));
  }

  /** Moves a descriptor that a call has just made out of the kernel's lowest numbers, and has it never block. */
  adopt(fd: unknown): void {
    if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 3 || fd > 0xffff || this.#raw.has(fd)) return;
    const moved = fd >= this.#first ? fd : fcntl(fd, F_DUPFD_CLOEXEC, this.number());
    if (fcntl(moved, F_GETFD) < 0) return;
    if (moved !== fd) close(fd);
    this.#raw.add(moved);
    neverBlock(moved);
  }

  /** The next number of the range that nobody gets unasked. */
  number(): number {
    const number = this.#next++;
    if (this.#next >= this.#end) this.#next = this.#first;
    return number;
  }

  /** A number that may be used, but not closed. */
  any(): number {
    if (!this.#random.chance(80)) return this.closed();
    const owned = this.#raw.size === 0 || this.#random.chance(60) ? this.#owned() : undefined;
    if (owned !== undefined) return owned;
    return this.#raw.size === 0 ? this.closed() : this.#random.pick([...this.#raw]);
  }

  /** A number that may be closed, and may have an owner. */
  disposable(): number {
    return this.#raw.size > 0 && this.#random.chance(85) ? this.#random.pick([...this.#raw]) : this.closed();
  }

  /** A number that no open file has. */
  closed(): number {
    return this.#random.chance(30) ? -1 : this.#random.pick(beyond);
  }

  /** Whether no harm comes of closing it. */
  harmless(fd: unknown): boolean {
    return typeof fd !== 'number' || !(fd >= 0) || fd >= this.#first;
  }

  /** An object owns this number now: it is used no more. @param maybe whether that is not sure */
  giveAway(fd: unknown, maybe: boolean): void {
    if (typeof fd === 'number' && this.#raw.delete(fd) && maybe) this.#given.add(fd);
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

  /** Closes everything, but not what objects own. */
  closeAll(): void {
    this.trim(0);
    for (const fd of [...this.#given, ...this.#holes]) close(fd);
    this.#given.clear();
    this.#holes = [];
  }

  /**
   * Closes the number of an open object, does something, and fills the gap: so an object meets a number that someone
   * else closed. What is opened meanwhile gets one of the lower numbers that are free for it.
   *
   * @param open whether the object still has the number
   * @param lost called when the number has become someone else's all the same
   */
  withoutFile(fd: number, use: () => void, { open, lost }: { open: () => boolean; lost: () => void }): void {
    if (!this.#makeHoles(fd)) return;
    const free = this.#holes.splice(0);
    for (const hole of free) close(hole);
    close(fd);
    try {
      use();
    } finally {
      // F_DUPFD never takes an open number, as dup3() would.
      if (open() && this.#fill(fd)) neverBlock(fd);
      else if (open()) lost();
      for (const hole of free) if (this.#fill(hole)) this.#holes.push(hole);
    }
  }

  // Those that were taken are made up for, as far as the lowest free numbers are below the object's.
  #makeHoles(fd: number): boolean {
    while (this.#holes.length < holeCount) {
      const hole = fcntl(this.#filler, F_DUPFD_CLOEXEC, 0);
      if (hole > fd) {
        close(hole);
        break;
      }
      this.#holes.push(hole);
    }
    return this.#holes.length >= fewestHoles && this.#holes.every((hole) => hole < fd);
  }

  #fill(fd: number): boolean {
    const filled = fcntl(this.#filler, F_DUPFD_CLOEXEC, fd);
    if (filled !== fd && filled >= 0) close(filled);
    return filled === fd;
  }
}

/** Sets O_NONBLOCK where it lacks. */
export function neverBlock(fd: number): void {
  const flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) === 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}
