import type { FdLike, Interest, Reactor } from '../../index.ts';
import {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
} from '../../sys/index.ts';

/** An entry of the reactor's interest list. */
export interface Entry {
  /** Arms a one-shot again. */
  rearm(): void;
  /** Takes it out of the list; its handler is not called any more. */
  close(): void;
}

/** Watches a descriptor for a mask. @throws {SystemError} as `Reactor.register` */
export function register(reactor: Reactor, target: FdLike, mask: number, handler: (mask: number) => void): Entry {
  const registration = reactor.register(target, interestOf(mask), handler);
  return {
    rearm: () => {
      if ('rearm' in registration) registration.rearm();
    },
    close: () => registration.close(),
  };
}

/** The interest that has this mask; EPOLLERR and EPOLLHUP are in every one. */
export function interestOf(mask: number): Interest {
  const edge = (mask & EPOLLET) !== 0;
  const oneshot = (mask & EPOLLONESHOT) !== 0;
  const base = {
    readable: (mask & EPOLLIN) !== 0,
    writable: (mask & EPOLLOUT) !== 0,
    wakeup: (mask & EPOLLWAKEUP) !== 0,
  };
  // The kernel takes it with these only; the options were checked for it.
  if ((mask & EPOLLEXCLUSIVE) !== 0) return { ...base, exclusive: true, trigger: edge ? 'edge' : 'level' };
  return {
    ...base,
    priority: (mask & EPOLLPRI) !== 0,
    readHangup: (mask & EPOLLRDHUP) !== 0,
    trigger: oneshot ? (edge ? 'edge-oneshot' : 'oneshot') : edge ? 'edge' : 'level',
  };
}
