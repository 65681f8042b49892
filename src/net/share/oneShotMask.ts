import { EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLRDHUP } from '../../sys/index.ts';

/** What a stream in a `StreamSet` is watched for. */
export interface StreamSetInterest {
  /** true by default. */
  readonly readable?: boolean;
  /** false by default. */
  readonly writable?: boolean;
}

/** The mask of an interest, one-shot. @throws {TypeError} where it asks for nothing */
export function oneShotMask({ readable = true, writable = false }: StreamSetInterest): number {
  if (!readable && !writable) throw new TypeError("Cannot watch as one of 'readable' and 'writable' must be true");
  return (readable ? EPOLLIN | EPOLLRDHUP : 0) | (writable ? EPOLLOUT : 0) | EPOLLONESHOT;
}
