import { EAGAIN, EPIPE, EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM } from 'epoll-ts/sys';
import type { DataFile } from './openFile.ts';
import { WaitQueue } from './waitQueue.ts';

/** How large the pages of this kernel are, and how many a pipe has. */
export interface PipeSize {
  readonly page: number;
  readonly slots: number;
}

interface Page {
  offset: number;
  length: number;
}

/**
 * pipe(7): a ring of pages. What surprised here (Linux 6.18.44):
 *
 * - EPOLLOUT speaks of pages, not of bytes: a pipe whose last page is not full takes a small write while it reports
 *   that there is no room.
 * - Every write wakes the reader once an epoll instance has looked at the pipe (poll_usage in fs/pipe.c), so
 *   edge-triggered readers hear of each; even one that answers EAGAIN.
 * - A read wakes the writer only when it empties a page of a full ring.
 */
export class ModelPipe {
  readonly reader: DataFile = this.#end('pipe reader');
  readonly writer: DataFile = this.#end('pipe writer');
  readonly #size: PipeSize;
  #pages: Page[] = [];
  #readers = 1;
  #writers = 1;

  constructor(size: PipeSize) {
    this.#size = size;
  }

  #end(kind: 'pipe reader' | 'pipe writer'): DataFile {
    const reads = kind === 'pipe reader';
    return {
      kind,
      queue: new WaitQueue(),
      poll: () => (reads ? this.#pollReader() : this.#pollWriter()),
      write: (size) => this.#write(size),
      read: (size) => this.#read(size),
      released: () => this.#release(reads),
    };
  }

  #pollReader(): number {
    return (this.#pages.length > 0 ? EPOLLIN | EPOLLRDNORM : 0) | (this.#writers === 0 ? EPOLLHUP : 0);
  }

  #pollWriter(): number {
    return (this.#full ? 0 : EPOLLOUT | EPOLLWRNORM) | (this.#readers === 0 ? EPOLLERR : 0);
  }

  get #full(): boolean {
    return this.#pages.length >= this.#size.slots;
  }

  #write(size: number): number {
    if (this.#readers === 0) return -EPIPE;
    const written = this.#store(size);
    this.reader.queue.wake(EPOLLIN | EPOLLRDNORM);
    return written === 0 ? -EAGAIN : written;
  }

  #store(size: number): number {
    const { page } = this.#size;
    let written = 0;
    const last = this.#pages.at(-1);
    // Only what is over a whole number of pages is put into the last page, and only as a whole.
    const rest = size % page;
    if (rest > 0 && last !== undefined && last.offset + last.length + rest <= page) {
      last.length += rest;
      written = rest;
    }
    while (written < size && !this.#full) {
      const length = Math.min(page, size - written);
      this.#pages.push({ offset: 0, length });
      written += length;
    }
    return written;
  }

  #read(size: number): number {
    let read = 0;
    let wakeWriter = false;
    for (let page = this.#pages[0]; page !== undefined && read < size; page = this.#pages[0]) {
      const length = Math.min(page.length, size - read);
      page.offset += length;
      page.length -= length;
      read += length;
      if (page.length > 0) break;
      wakeWriter ||= this.#full;
      this.#pages.shift();
    }
    if (wakeWriter) this.writer.queue.wake(EPOLLOUT | EPOLLWRNORM);
    if (read > 0) return read;
    return this.#writers === 0 ? 0 : -EAGAIN;
  }

  #release(reader: boolean): void {
    if (reader) this.#readers = 0;
    else this.#writers = 0;
    if (this.#readers === this.#writers) return;
    this.reader.queue.wake(0);
    this.writer.queue.wake(0);
  }
}
