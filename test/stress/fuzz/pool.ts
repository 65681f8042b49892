import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { OwnedFd } from 'epoll-ts';
import { StreamSet } from 'epoll-ts/net';
import type { Random } from './random.ts';

const most = 56;
const ownFd = Object.getOwnPropertyDescriptor(OwnedFd.prototype, 'fd')?.get;
const isClosed = Object.getOwnPropertyDescriptor(OwnedFd.prototype, 'closed')?.get;

/** The objects that calls have made, which are called on, handed over, and closed sooner or later. */
export class Pool {
  readonly #random: Random;
  readonly #judge: (name: string, error: unknown) => void;
  #objects: object[] = [];
  // Those that use the descriptor of another object, by its number.
  readonly #borrowers = new Map<object, number>();

  constructor(random: Random, judge: (name: string, error: unknown) => void) {
    this.#random = random;
    this.#judge = judge;
  }

  get objects(): readonly object[] {
    return this.#objects;
  }

  /** Of a class first, as there are many objects of some. */
  pick(): object {
    const one = this.#random.pick([...new Set(this.#objects.map((object) => Object.getPrototypeOf(object) as object))]);
    return this.#random.pick(this.#objects.filter((object) => Object.getPrototypeOf(object) === one));
  }

  /** Keeps all that a call has answered with: an object, a pair, a record with objects in it. */
  keepAll(made: unknown): void {
    if (typeof made !== 'object' || made === null || types.isProxy(made)) return;
    if (isOfPackage(made)) {
      this.keep(made);
      if ('stream' in made) this.keepAll(made.stream);
    } else if (Array.isArray(made) || Object.getPrototypeOf(made) === Object.prototype) {
      for (const value of Object.values(made)) if (Array.isArray(value) || isClassy(value)) this.keepAll(value);
    }
  }

  keep(made: object): void {
    if (this.#objects.includes(made)) return;
    if (made instanceof EventEmitter) made.on('error', (error: unknown) => this.#judge("'error' of a stream", error));
    this.#objects.push(made);
    while (this.#objects.length > most) this.end(this.#objects[this.#random.below(8)] as object);
  }

  /** An object has only borrowed its number: it is closed no later than the owner. */
  borrows(object: object): void {
    const fd = fdOf(object);
    if (fd !== undefined) this.#borrowers.set(object, fd);
  }

  isBorrower(object: object | undefined): boolean {
    return object !== undefined && this.#borrowers.has(object);
  }

  /** Lets go of an object, closed. */
  end(object: object): void {
    this.#objects = this.#objects.filter((other) => other !== object);
    this.#borrowers.delete(object);
    try {
      if ('destroy' in object && typeof object.destroy === 'function') object.destroy();
      else if ('close' in object && typeof object.close === 'function' && !isWeb(object)) object.close();
    } catch (error) {
      this.#judge('close', error);
    }
    this.endBorrowers();
  }

  /** To be called after every close. */
  endBorrowers(): void {
    if (this.#borrowers.size === 0) return;
    const owners = new Set(this.#objects.flatMap((object) => (this.isBorrower(object) ? [] : (fdOf(object) ?? []))));
    for (const [object, fd] of this.#borrowers) if (!owners.has(fd)) this.end(object);
  }

  /** Some closed objects stay, to be called on. */
  dropClosed(): void {
    for (const object of this.#objects) {
      if (object instanceof OwnedFd && isClosed?.call(object) === true && this.#random.chance(40)) this.end(object);
    }
    this.endBorrowers();
  }

  /** The number of some open object that owns it; not of a StreamSet, as the fuzzer would put numbers into it. */
  number(): number | undefined {
    for (let tries = 0; tries < 4 && this.#objects.length > 0; tries++) {
      const object = this.#random.pick(this.#objects);
      const fd = object instanceof StreamSet || this.isBorrower(object) ? undefined : fdOf(object);
      if (fd !== undefined) return fd;
    }
    return undefined;
  }

  endAll(): void {
    for (const object of this.#objects) this.end(object);
  }
}

/** The number of an object that owns one and is open. */
export function fdOf(object: object): number | undefined {
  if (types.isProxy(object)) return undefined;
  try {
    if (object instanceof OwnedFd) return isClosed?.call(object) === true ? undefined : (ownFd?.call(object) as number);
    const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), 'fd') ?? {};
    const fd: unknown = get?.call(object);
    return typeof fd === 'number' ? fd : undefined;
  } catch {
    return undefined; // closed
  }
}

function isClassy(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !types.isProxy(value) && isOfPackage(value);
}

// The readers and streams of Web Streams: closing is a call like another.
function isWeb(object: object): boolean {
  return /^\[object (?:Readable|Writable)/.test(Object.prototype.toString.call(object));
}

/** Whether a class made it: of the package, or Node's Web Streams. */
function isOfPackage(value: object): boolean {
  const maker: unknown = (Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor;
  return typeof maker === 'function' && Function.prototype.toString.call(maker).startsWith('class');
}
