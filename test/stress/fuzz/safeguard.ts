import { Epoll, EventFd, Reactor } from 'epoll-ts';
import * as sys from 'epoll-ts/sys';
import type { Random } from './random.ts';
import type { Callable } from './surface.ts';

// asm-generic/fcntl.h, asm-generic/ioctls.h
const O_ASYNC = 0x2000;
const harmfulCommands = new Set([8, 10, 1024, 1026]); // F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY: signals, and opens that wait
const harmfulRequests = new Set([0x5421, 0x5452, 0x8901, 0x8902]); // FIONBIO, FIOASYNC, FIOSETOWN, SIOCSPGRP
const O_NOCTTY = 0o400;
const inspectEvery = 10;

/**
 * Keeps calls legal but harmless: none waits for ever, for what it waits on is ready or its timeout is 0, and none makes the
 * kernel signal another process. No function is left out for it.
 */
export class Safeguard {
  readonly #ready = new EventFd({ initial: 1n });
  readonly #readyEpoll = new Epoll();
  #inspected = 0;

  constructor() {
    this.#readyEpoll.add(this.#ready, sys.EPOLLIN);
  }

  /** A new reactor gets a registration that is always ready, and ends `run`. */
  prepare(made: object): void {
    if (!(made instanceof Reactor)) return;
    Reactor.prototype.register.call(made, this.#ready.fd, { readable: true }, () => Reactor.prototype.stop.call(made));
  }

  /** Changes arguments in place. @returns false where the call would wait for ever all the same */
  admits(callable: Callable, receiver: unknown, args: unknown[]): boolean {
    if (callable.name === 'Epoll.wait') return this.#admitsWait(receiver);
    adjusters[callable.name]?.(args, this.#readyEpoll.fd);
    // Looking into processes reads all of /proc: not each time.
    return !callable.name.startsWith('inspect.') || this.#inspected++ % inspectEvery === 0;
  }

  #admitsWait(receiver: unknown): boolean {
    try {
      Epoll.prototype.add.call(receiver as Epoll, this.#ready.fd, sys.EPOLLIN);
      return true;
    } catch (error) {
      // Closed: then the wait throws too.
      return !(error instanceof Error && 'code' in error && error.code !== 'EEXIST') || (receiver as Epoll).closed;
    }
  }
}

const adjusters: Readonly<Record<string, (args: unknown[], readyFd: number) => void>> = {
  'sys.epoll_wait': waitOnReady,
  'sys.epoll_pwait': waitOnReady,
  'sys.epoll_pwait2': waitOnReady,
  'sys.poll': (args) => noTimeout(args, 1),
  'sys.pollOne': (args) => noTimeout(args, 2),
  'sys.fcntl': (args) => {
    if (harmfulCommands.has(args[1] as number)) args[1] = sys.F_GETFL;
    if (args[1] === sys.F_SETFL && typeof args[2] === 'number') args[2] = (args[2] | sys.O_NONBLOCK) & ~O_ASYNC;
    if (args[1] === sys.F_SETFL && args[2] === undefined) args[2] = sys.O_NONBLOCK;
    // A number of its own choice could meet one that Node gets the next moment.
    if (args[1] === 0 || args[1] === sys.F_DUPFD_CLOEXEC) args[2] = 0;
  },
  'sys.ioctl': (args) => {
    if (typeof args[1] === 'number' && harmfulRequests.has(args[1] >>> 0)) args[1] = sys.FIONREAD;
  },
  'sys.open': (args) => {
    if (Number.isInteger(args[1])) args[1] = (args[1] as number) | sys.O_NONBLOCK | O_NOCTTY;
  },
  'sys.setsockopt': (args) => {
    // SO_LINGER has close() wait for the peer.
    if (args[1] === sys.SOL_SOCKET && args[2] === 13) args[2] = sys.SO_REUSEADDR;
  },
};

/** A wait with a timeout goes to an epoll descriptor that is always ready. */
function waitOnReady(args: unknown[], readyFd: number): void {
  if (args[3] !== 0 && args[3] !== 0n && typeof args[0] === 'number' && args[0] >= 0) args[0] = readyFd;
}

function noTimeout(args: unknown[], at: number): void {
  if (typeof args[at] === 'number' && Number.isInteger(args[at])) args[at] = 0;
}

/** What the class of a new object is, when a class is called with `new`: itself, a child with tricks, or no class at all. */
export function newTarget(random: Random, base: Function, act: () => void): Function {
  if (random.chance(90)) return base;
  const parent = base as new (...args: unknown[]) => object;
  return random.pick<() => Function>([
    () => class extends parent {},
    () =>
      class extends parent {
        static override get name(): string {
          act();
          return 'Trick';
        }
      },
    () =>
      class extends parent {
        get fd(): number {
          act();
          return -5;
        }
        get closed(): boolean {
          return false;
        }
      },
    () =>
      class extends parent {
        constructor(...args: unknown[]) {
          super(...args);
          act();
        }
      },
    () => Object,
    () => Object.defineProperty(function bare() {}, 'prototype', { value: null, writable: true }),
    () => Object.defineProperty(function bare() {}, 'name', { value: Symbol('name') }),
  ])();
}
