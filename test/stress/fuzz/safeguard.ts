import { types } from 'node:util';
import { ClosedError, Epoll, EventFd, OwnedFd, Reactor, SystemError } from 'epoll-ts';
import { StreamSet, UnixStream } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import type { Descriptors } from './descriptors.ts';
import { Marker } from './hostileMaker.ts';
import { fdOf } from './pool.ts';
import type { Random } from './random.ts';
import type { Callable } from './surface.ts';

// asm-generic/fcntl.h, asm-generic/ioctls.h
const O_ASYNC = 0x2000;
// F_SETOWN, F_SETSIG, F_SETLEASE, F_NOTIFY: signals, and opens that wait.
const harmfulCommands = new Set([8, 10, 1024, 1026]);
const harmfulRequests = new Set([0x5421, 0x5452, 0x8901, 0x8902]); // FIONBIO, FIOASYNC, FIOSETOWN, SIOCSPGRP
const O_NOCTTY = 0o400;
// Looking into processes reads all of /proc: not each time.
const inspectEvery = 20;

/**
 * Keeps calls legal but harmless: none waits for ever, for what it waits on is ready or its timeout is 0, none makes
 * the kernel signal another process, none reaches another machine, and none gives a number a second owner. No function
 * is left out for it.
 */
export class Safeguard {
  readonly #random: Random;
  readonly #descriptors: Descriptors;
  readonly #objects: () => readonly object[];
  readonly #ready = new EventFd({ initial: 1n });
  readonly #readyEpoll = new Epoll();
  #inspected = 0;

  constructor(random: Random, descriptors: Descriptors, objects: () => readonly object[]) {
    this.#random = random;
    this.#descriptors = descriptors;
    this.#objects = objects;
    this.#readyEpoll.add(this.#ready, sys.EPOLLIN);
  }

  /** Changes arguments in place. @returns false where the call would wait for ever all the same */
  admits(callable: Callable, receiver: unknown, args: unknown[]): boolean {
    const { name } = callable;
    if (name === 'Epoll.wait') return this.#admitsWait(receiver);
    if (name === 'Reactor.run' || name === 'Reactor.turn') return this.#admitsTurns(receiver);
    if (name === 'StreamSet.run' && !this.#endsRun(receiver, args)) return false;
    if (name === 'StreamSet.take') args[0] = { timeoutMs: this.#random.pick([0, 0, 0, -1, NaN, '1']) };
    // The error comes out again, and one of another kind would be taken for the library's.
    if (name.endsWith('.destroy') && args[0] !== undefined && args[0] !== null)
      args[0] = new Marker('given to destroy');
    if (/^Epoll\.(?:delete|modify)$/.test(name) && this.#random.chance(60)) this.#list(receiver, args[0]);
    adjusters[name]?.(args, this.#readyEpoll.fd);
    if (takesOver.test(name)) this.#oneOwner(args, name);
    if (name === 'net.StreamSet.from') this.#onlySet(args);
    return !name.startsWith('inspect.') || this.#inspected++ % inspectEvery === 0;
  }

  /** Closes what waits needed. */
  finish(): void {
    this.#ready.close();
    this.#readyEpoll.close();
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

  // What can be deleted has been added.
  #list(receiver: unknown, target: unknown): void {
    if (types.isProxy(receiver) || !(receiver instanceof Epoll)) return;
    if (typeof target !== 'number' && (types.isProxy(target) || !(target instanceof OwnedFd))) return;
    try {
      Epoll.prototype.add.call(receiver, target, sys.EPOLLIN);
    } catch (error) {
      if (!(error instanceof Error)) throw error; // then the call fails as well, or it was there
    }
  }

  // Something is ready, and ends `run`. Not for longer than that: it would keep the event loop busy.
  #admitsTurns(receiver: unknown): boolean {
    if (!(receiver instanceof Reactor) || types.isProxy(receiver)) return true;
    try {
      const registration = Reactor.prototype.register.call(receiver, this.#ready.fd, { readable: true }, () => {
        registration.close();
        Reactor.prototype.stop.call(receiver);
      });
      return true;
    } catch (error) {
      // It has the registration of a turn that did not come to it.
      return (error instanceof SystemError && error.code === 'EEXIST') || error instanceof ClosedError;
    }
  }

  // Stopped before, or by the first stream.
  #endsRun(receiver: unknown, args: unknown[]): boolean {
    if (!(receiver instanceof StreamSet) || types.isProxy(receiver)) return true;
    const stop = (): void => StreamSet.prototype.stop.call(receiver);
    const [handler] = args;
    try {
      if (typeof handler !== 'function' || types.isProxy(handler) || this.#random.chance(30)) {
        stop();
        return true;
      }
      const [a, b] = UnixStream.pair();
      b.tryWrite(Uint8Array.of(1));
      b.close();
      StreamSet.prototype.add.call(receiver, a);
      args[0] = (held: unknown) => {
        stop();
        Reflect.apply(handler, undefined, [held]);
      };
      return true;
    } catch (error) {
      if (!(error instanceof ClosedError || error instanceof SystemError || error instanceof Marker)) throw error;
      // A closed one throws, and so does one whose maker was closed.
      return error instanceof ClosedError || (error instanceof SystemError && error.syscall === 'epoll_wait');
    }
  }

  // What gets a second owner is closed under the first one.
  #oneOwner(args: unknown[], name: string): void {
    const [given] = args;
    if (typeof given === 'number' && !this.#descriptors.harmless(given)) args[0] = this.#descriptors.disposable();
    if ((typeof given !== 'object' && typeof given !== 'function') || given === null) return;
    // A constructor gets a number only; `attach` takes an object's number away from it.
    if (!name.endsWith('.attach') && !name.startsWith('net.fd')) args[0] = this.#random.pick([null, {}, [3], '7']);
    else if (!types.isProxy(given) && !(given instanceof OwnedFd) && Object.hasOwn(given, 'fd'))
      args[0] = { fd: this.#descriptors.disposable() };
  }

  // A set trusts what the threads of its program have put into it: another epoll instance would be no set.
  #onlySet(args: unknown[]): void {
    const sets = this.#objects().filter((object) => object instanceof StreamSet && fdOf(object) !== undefined);
    if (sets.length === 0 || this.#random.chance(30)) args[0] = this.#random.pick([null, {}, '7', -1, 1.5]);
    else args[0] = this.#random.pick([sets[0], fdOf(sets[0] as object)]);
  }
}

// What owns, or closes, the descriptor that it is given.
const takesOver = /^net\.\w+\.attach$|^net\.fd(?:Read|Writ)able$|^sys\.close$|^Pipe(?:Reader|Writer)$/;

/** Whether a call closes the number that it is given, sooner or later, or makes an object that does. */
export function ownsNumber({ name, kind, parameters }: Callable): boolean {
  return takesOver.test(name) || (kind === 'constructor' && parameters[0]?.name === 'fd');
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
    // A number of its own choice could meet one that is given out once only.
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
  'TcpStream.linger=': (args) => {
    if (typeof args[0] === 'number' && args[0] > 0 && args[0] <= 0xffff) args[0] = 0;
  },
  // The kernel would tell the network of a group that it joins by another interface.
  'Multicast.join': onLoopback,
  'Multicast.leave': onLoopback,
};

/** A wait with a timeout goes to an epoll descriptor that is always ready. */
function waitOnReady(args: unknown[], readyFd: number): void {
  if (args[3] !== 0 && args[3] !== 0n && typeof args[0] === 'number' && args[0] >= 0) args[0] = readyFd;
}

function noTimeout(args: unknown[], at: number): void {
  if (typeof args[at] === 'number' && Number.isInteger(args[at])) args[at] = 0;
}

function onLoopback(args: unknown[]): void {
  if (typeof args[0] === 'string' && !args[0].includes(':')) args[1] = '127.0.0.1';
}
