import { epollCtlAdvice } from '../../fd/epollCtlAdvice.ts';
import type { FdLike } from '../../fd/fdLike.ts';
import type { OwnedFd } from '../../fd/ownedFd.ts';
import { check, SystemError } from '../../fd/systemError.ts';
import type { SharedInterest } from '../../reactor/interest.ts';
import type { Reactor } from '../../reactor/reactor.ts';
import type { Registration } from '../../reactor/registration.ts';
import { close, EINTR, EPERM, EPOLL_CTL_ADD, EPOLLIN } from '../../sys/index.ts';
import { aBoolean, anAbortSignal, anInteger } from '../../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import { socketKinds } from '../core/optionKinds.ts';
import { threadReactor } from '../core/threadReactor.ts';

/** How `fdReadable` and `fdWritable` make a stream. */
export interface FdStreamOptions {
  /** `threadReactor()` by default. */
  readonly reactor?: Reactor;
  /** Close what was given when the stream is destroyed, which its end does too. false by default: it is borrowed. */
  readonly autoClose?: boolean;
  /**
   * Bytes that may wait in the stream: to be read before more is taken from the kernel, or to be written. 65536 by
   * default.
   */
  readonly highWaterMark?: number;
  /** Destroys the stream, with an AbortError. */
  readonly signal?: AbortSignal;
}

/** @throws {TypeError | RangeError} for a wrong option */
export const readFdStreamOptions: OptionsReader<FdStreamOptions> = optionsReader<FdStreamOptions>(
  'make a stream',
  '{ autoClose: true }',
  {
    ...socketKinds,
    autoClose: aBoolean,
    highWaterMark: anInteger(0, Number.MAX_SAFE_INTEGER),
    signal: anAbortSignal,
  },
);

/**
 * Adds our own descriptor of a borrowed file to the reactor; errors name the borrowed one. Closes it where that fails.
 */
export function registerFile(
  target: OwnedFd,
  interest: SharedInterest,
  { reactor: given, borrowed }: { reactor: Reactor | undefined; borrowed: number },
): Registration {
  let reactor = given;
  try {
    // Where there is no descriptor left it can't be made either.
    reactor ??= threadReactor();
    return reactor.register(target, interest);
  } catch (error) {
    target.close();
    if (reactor === undefined || !(error instanceof SystemError) || error.errno !== -EPERM) throw error;
    const call = { epfd: reactor.fd, op: EPOLL_CTL_ADD, fd: borrowed, events: EPOLLIN };
    throw new SystemError(-EPERM, error.syscall, { fd: borrowed }, epollCtlAdvice(-EPERM, call));
  }
}

/** Closes our own descriptor of a stream, and what it was made of where that was asked for, also if the first fails. */
export async function closeStream(
  own: OwnedFd,
  { target, fd, autoClose }: { target: FdLike; fd: number; autoClose: boolean },
): Promise<void> {
  try {
    own.close();
  } finally {
    if (autoClose) await closeTarget(target, fd);
  }
}

async function closeTarget(target: FdLike, fd: number): Promise<void> {
  if (typeof target === 'number') closeNumber(fd);
  else if ('destroy' in target) target.destroy();
  else if ('close' in target && typeof target.close === 'function') await (target.close() as unknown);
  else closeNumber(fd);
}

function closeNumber(fd: number): void {
  const answer = close(fd);
  // Linux has closed it by the time EINTR is answered (close(2)).
  if (answer !== -EINTR) check(answer, 'close', { fd });
}

/** The error that a stream ends with: its own, or that of closing. */
export async function closed(closing: Promise<void>, error: Error | null): Promise<Error | null> {
  try {
    await closing;
    return error;
  } catch (reason) {
    return error ?? (reason as Error);
  }
}
