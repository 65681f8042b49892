import assert from 'node:assert/strict';
import { EventFd } from 'epoll-ts';
import {
  close,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  eventfd,
  eventfd_read,
  eventfd_write,
  F_DUPFD_CLOEXEC,
  fcntl,
} from 'epoll-ts/sys';
import type { Watched } from './watched.ts';

const flags = EFD_CLOEXEC | EFD_NONBLOCK;

/** An eventfd, as an object or as a plain number, whose count is known. */
export class WatchedFile {
  /** The number under which it was made. */
  readonly fd: number;
  readonly target: EventFd | number;
  #count: bigint;
  #open = true;
  /** A second number, which keeps the file open when the first is closed. */
  #copy = -1;

  constructor(initial: number, plain: boolean) {
    this.#count = BigInt(initial);
    this.target = plain ? eventfd(initial, flags) : new EventFd({ initial: this.#count });
    this.fd = typeof this.target === 'number' ? this.target : this.target.fd;
    assert.ok(this.fd >= 0);
  }

  get readable(): boolean {
    return this.#count > 0n;
  }

  get copied(): boolean {
    return this.#copy >= 0;
  }

  /** @param write how: from this thread, or from another */
  write(watched: Watched | undefined, write = (fd: number): number => eventfd_write(fd, 1n)): void {
    assert.equal(write(this.fd), 0);
    this.#count++;
    watched?.changed(true);
  }

  drain(watched: Watched | undefined): void {
    const answer = eventfd_read(this.fd);
    if (this.#count > 0n) assert.equal(answer, this.#count);
    else assert.ok(typeof answer === 'number' && answer < 0);
    const drained = this.#count > 0n;
    this.#count = 0n;
    if (drained) watched?.changed(false);
  }

  /** Closes the number as its kind of target is closed. */
  close(): void {
    if (typeof this.target === 'number') this.leave(false);
    else this.target.close();
    this.#open = false;
  }

  /** Closes a plain number by itself, whoever watches it; with a copy its file stays open. */
  leave(copied: boolean): void {
    if (copied) this.#copy = fcntl(this.fd, F_DUPFD_CLOEXEC, 0);
    assert.equal(close(this.fd), 0);
    this.#open = false;
  }

  end(): void {
    if (this.#open) this.close();
    if (this.copied) close(this.#copy);
  }
}
