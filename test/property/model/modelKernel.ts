import { EBADF, EPOLL_CTL_DEL } from 'epoll-ts/sys';
import { ModelEpoll } from './modelEpoll.ts';
import type { OpenFile } from './openFile.ts';

/**
 * The descriptors of a process: numbers that refer to open files. Which number a call answers is the kernel's to say.
 */
export class ModelKernel {
  readonly #files = new Map<number, OpenFile>();
  /** Numbers that were open once. */
  readonly #used = new Set<number>();

  /** A descriptor was made: `fd` refers to `file` from now on. */
  open(fd: number, file: OpenFile): void {
    this.#files.set(fd, file);
    this.#used.add(fd);
  }

  fileOf(fd: number): OpenFile | undefined {
    return this.#files.get(fd);
  }

  /** The open numbers whose file is wanted, in the order in which they were made. */
  numbers(wanted: (file: OpenFile) => boolean = () => true): number[] {
    return [...this.#files].filter(([, file]) => wanted(file)).map(([fd]) => fd);
  }

  /** Every number that is or was open. */
  get everUsed(): readonly number[] {
    return [...this.#used];
  }

  /** All epoll instances. */
  get instances(): ModelEpoll[] {
    return [...new Set(this.#files.values())].filter((file) => file instanceof ModelEpoll);
  }

  control(epfd: number, op: number, fd: number, { events, data }: { events: number; data: bigint }): number {
    const [instance, file] = [this.#files.get(epfd), this.#files.get(fd)];
    if (!(instance instanceof ModelEpoll) || file === undefined) return -EBADF;
    return instance.control(op, { fd, file }, op === EPOLL_CTL_DEL ? 0 : events, data);
  }

  close(fd: number): void {
    const file = this.#files.get(fd);
    this.#files.delete(fd);
    if (file === undefined || [...this.#files.values()].includes(file)) return;
    // The last number of the file: only now does it leave the interest lists (eventpoll_release).
    for (const instance of this.instances) {
      for (const entry of instance.entries) if (entry.file === file) instance.forget(entry);
    }
    file.released();
  }
}
