import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
} from '../sys/index.ts';

// | function     | true when the mask has one of                           | because
//  |
// |--------------|---------------------------------------------------------|---------------------------------------------|
// | isReadable   | IN RDNORM RDBAND RDHUP HUP ERR                          | a read would not wait: data, end, or error
//  |
// | isWritable   | OUT WRNORM WRBAND HUP ERR                               | a write would not wait: room, or the error
//  |
// | isPriority   | PRI                                                     | something exceptional is there
//  |
// | isReadHangup | RDHUP HUP                                               | the peer will send no more
//  |
// | isHangup     | HUP                                                     | both directions are finished
//  |
// | isError      | ERR                                                     | an error is pending (or a pipe's reader
// left)|

/** A read would not wait: there is data, the end, or an error to fetch. */
export const readableBits: number = EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
/** A write would not wait: there is room, or an error to fetch. */
export const writableBits: number = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | EPOLLHUP | EPOLLERR;

/**
 * Whether a read would not wait: data, the end of the stream, or an error. True for EPOLLHUP alone too: a pipe whose
 * writers are gone reports just that, and a read then answers 0.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isReadable, isWritable } from 'epoll-ts';
 * import { EPOLLHUP, EPOLLOUT } from 'epoll-ts/sys';
 *
 * assert.ok(isReadable(EPOLLHUP));
 * assert.ok(!isReadable(EPOLLOUT) && isWritable(EPOLLOUT));
 * ```
 */
export function isReadable(mask: number): boolean {
  return (mask & readableBits) !== 0;
}

/**
 * Whether a write would not wait: there is room, or an error that the write would answer with.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isWritable } from 'epoll-ts';
 * import { EPOLLERR, EPOLLIN } from 'epoll-ts/sys';
 *
 * assert.ok(isWritable(EPOLLERR), 'a pipe whose reader has left');
 * assert.ok(!isWritable(EPOLLIN));
 * ```
 */
export function isWritable(mask: number): boolean {
  return (mask & writableBits) !== 0;
}

/**
 * Whether there is an exceptional condition: EPOLLPRI.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isPriority } from 'epoll-ts';
 * import { EPOLLERR, EPOLLPRI } from 'epoll-ts/sys';
 *
 * assert.ok(isPriority(EPOLLPRI | EPOLLERR), 'a changed sysfs attribute');
 * ```
 */
export function isPriority(mask: number): boolean {
  return (mask & EPOLLPRI) !== 0;
}

/**
 * Whether the peer will send no more: EPOLLRDHUP or EPOLLHUP. There may be data left to read.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isReadHangup } from 'epoll-ts';
 * import { EPOLLIN, EPOLLRDHUP } from 'epoll-ts/sys';
 *
 * assert.ok(isReadHangup(EPOLLIN | EPOLLRDHUP));
 * ```
 */
export function isReadHangup(mask: number): boolean {
  return (mask & (EPOLLRDHUP | EPOLLHUP)) !== 0;
}

/**
 * Whether both directions are finished: EPOLLHUP. There may be data left to read.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isHangup } from 'epoll-ts';
 * import { EPOLLHUP, EPOLLRDHUP } from 'epoll-ts/sys';
 *
 * assert.ok(isHangup(EPOLLHUP));
 * assert.ok(!isHangup(EPOLLRDHUP), 'one direction only');
 * ```
 */
export function isHangup(mask: number): boolean {
  return (mask & EPOLLHUP) !== 0;
}

/**
 * Whether an error is pending: EPOLLERR. For a socket SO_ERROR tells which.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { isError } from 'epoll-ts';
 * import { EPOLLERR, EPOLLOUT } from 'epoll-ts/sys';
 *
 * assert.ok(isError(EPOLLOUT | EPOLLERR));
 * ```
 */
export function isError(mask: number): boolean {
  return (mask & EPOLLERR) !== 0;
}
