import type { WaitQueue } from './waitQueue.ts';

/** An open file description: what descriptors refer to, and what an interest list holds together with a number. */
export interface OpenFile {
  readonly kind: 'epoll' | 'eventfd' | 'pipe reader' | 'pipe writer' | 'stream socket';
  /** Where those stand who are told of changes. */
  readonly queue: WaitQueue;
  /** What poll(2) would answer now, for any mask. */
  poll(): number;
  /** The last descriptor was closed. */
  released(): void;
}

/**
 * A file that bytes, or a count, can be written to and read from. Answers are as of the system calls: ≥ 0 or -errno.
 */
export interface DataFile extends OpenFile {
  write(size: number): number;
  read(size: number): number;
}
