import { isReadable } from '../../index.ts';
import { EAGAIN, EINTR, EPOLLET, EPOLLHUP, EPOLLOUT, EPOLLRDHUP, errnoName } from '../../sys/index.ts';
import type { Detail } from './event.ts';
import type { Outcome } from './outcome.ts';
import { preview, previewBytes } from './preview.ts';

const chunkBytes = 65_536;
// A source that never runs dry, such as /dev/random, must let the others have their turn.
const drainBytes = 1_048_576;

let buffer: Uint8Array | undefined;

/** Reads once into the buffer: the number of bytes, 0 at the end, or -errno. Must not block. */
export type ReadOnce = (buffer: Uint8Array) => number;

/** What the reads of one event gave. */
export interface Reading {
  readonly bytes: number;
  /** The first bytes, for the preview. */
  readonly first: Uint8Array;
  /** Nothing more will come. */
  readonly end: boolean;
  /** The error that ended it. */
  readonly error: string | null;
  /** Stopped although there was more. */
  readonly more: boolean;
}

/** How to read. */
export interface ReadPlan {
  /**
   * What was reported, and the trigger: after EPOLLRDHUP or EPOLLHUP up to the end, edge-triggered all there is, else
   * once.
   */
  readonly mask: number;
  readonly trigger: number;
  /** Takes each piece; false to stop. The memory is used again. */
  readonly sink?: (bytes: Uint8Array) => boolean;
}

/** Takes what is ready: at most 64 KiB, edge-triggered at most 1 MiB. */
export function readReady(read: ReadOnce, { mask, trigger, sink }: ReadPlan): Reading {
  buffer ??= new Uint8Array(chunkBytes);
  const drain = (trigger & EPOLLET) !== 0;
  const again = drain || (mask & (EPOLLRDHUP | EPOLLHUP)) !== 0;
  let bytes = 0;
  let first = new Uint8Array(0);
  // Nobody asked for the data when only EPOLLOUT or EPOLLPRI was reported.
  if (!isReadable(mask)) return { bytes, first, end: false, error: null, more: false };
  for (;;) {
    const count = read(buffer);
    if (count === -EINTR) continue;
    if (count <= 0) {
      const error = count === 0 || count === -EAGAIN ? null : errnoName(count);
      return { bytes, first, end: count === 0, error, more: false };
    }
    if (bytes === 0) first = buffer.slice(0, Math.min(count, previewBytes));
    bytes += count;
    const goOn = sink?.(buffer.subarray(0, count)) ?? true;
    if (!goOn || !again || bytes >= (drain ? drainBytes : chunkBytes)) {
      return { bytes, first, end: false, error: null, more: goOn };
    }
  }
}

/** What a reading shows. */
export function readingDetail({ bytes, first, end, error }: Reading): Detail {
  return {
    ...(bytes > 0 ? preview(first, bytes) : {}),
    ...(end ? { end } : {}),
    ...(error === null ? {} : { error }),
  };
}

/** What follows from a reading of a stream after `mask` was reported. */
export function nextAfter({ bytes, end, error, more }: Reading, mask: number): Outcome['next'] {
  if (end || error !== null) return 'end';
  if (bytes === 0 || (mask & EPOLLOUT) !== 0) return 'standing';
  return more ? 'more' : 'drained';
}
