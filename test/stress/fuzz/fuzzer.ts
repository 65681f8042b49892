import { writeSync } from 'node:fs';
import { OwnedFd, Reactor } from 'epoll-ts';
import { close, F_DUPFD_CLOEXEC } from 'epoll-ts/sys';
import { argumentFor, seedObject, type Sources } from './argumentMaker.ts';
import type { Declarations } from './declarations.ts';
import { Descriptors, neverBlock } from './descriptors.ts';
import { GuardedBytes } from './guardedBytes.ts';
import { HostileMaker, Marker, type SideEffect } from './hostileMaker.ts';
import { Random } from './random.ts';
import { newTarget, type Safeguard } from './safeguard.ts';
import { type Callable, exportedCallables, methodsOf } from './surface.ts';
import { fault } from './verdict.ts';

/** How often each callable returned and threw. */
export type Tally = Map<string, { returned: number; threw: number }>;

export interface FuzzerOptions {
  readonly seed: number;
  readonly pid: number;
  readonly declarations: Declarations;
  /** The descriptors that were open at the start. */
  readonly foreign: Iterable<number>;
  /** Where the call at hand is written down, so that the parent knows it after a crash. */
  readonly journal: number;
  /** A descriptor of /dev/null. */
  readonly filler: number;
  readonly trace: boolean;
}

const most = 40;
// The functions that answer with new descriptors.
const makesDescriptors =
  /^sys\.(?:epoll_create1|eventfd|timerfd_create|signalfd|socket|socketpair|accept4|dup3?|open|pidfd_open|pidfd_getfd|inotify_init1|pipe2)$/;

/** Calls what the package exports, with hostile values, and notes what must not happen. */
export class Fuzzer {
  readonly tally: Tally = new Map();
  readonly problems: string[] = [];
  calls = 0;
  readonly #random: Random;
  readonly #options: FuzzerOptions;
  readonly #descriptors: Descriptors;
  readonly #guarded = new GuardedBytes();
  readonly #safeguard: Safeguard;
  readonly #exported: readonly Callable[];
  readonly #sources: Sources;
  #pool: object[] = [];
  #depth = 0;

  constructor(options: FuzzerOptions, safeguard: Safeguard) {
    this.#options = options;
    this.#safeguard = safeguard;
    this.#random = new Random(options.seed);
    this.#descriptors = new Descriptors(this.#random, options.foreign);
    this.#exported = exportedCallables(options.declarations);
    this.#sources = {
      random: this.#random,
      hostile: new HostileMaker(this.#random, () => this.#sideEffect()),
      descriptors: this.#descriptors,
      guarded: this.#guarded,
      pids: [options.pid],
      optionNames: options.declarations.optionNames,
      objects: () => this.#pool,
    };
  }

  /** One call, of anything. */
  step(): void {
    this.calls++;
    if (this.#pool.length < 8 || this.#random.chance(2)) this.#keep(seedObject(this.#random));
    const receiver = this.#random.chance(60) ? this.#receiver() : undefined;
    const methods = receiver === undefined ? [] : methodsOf(receiver, this.#options.declarations);
    const callable = this.#random.pick(methods.length === 0 ? this.#exported : methods);
    if (receiver instanceof OwnedFd && this.#random.chance(3)) this.#withoutFile(callable, receiver);
    else this.#call(callable, receiver);
    this.#guarded.check();
  }

  // A class first, then an object of it: of some classes there are many.
  #receiver(): object {
    const one = this.#random.pick([...new Set(this.#pool.map((object) => Object.getPrototypeOf(object) as object))]);
    return this.#random.pick(this.#pool.filter((object) => Object.getPrototypeOf(object) === one));
  }

  #withoutFile(callable: Callable, receiver: OwnedFd): void {
    const fd = fdOf(receiver);
    if (fd === undefined || callable.name.endsWith('.close') || callable.name.includes('dispose')) return;
    // Nothing may be opened meanwhile that stays open: it would get the number.
    if (receiver instanceof Reactor && !/\.(?:snapshot|turn|fd|closed)$/.test(callable.name)) return;
    this.#depth++;
    try {
      this.#descriptors.withoutFile(fd, this.#options.filler, () => this.#call(callable, receiver));
    } finally {
      this.#depth--;
    }
  }

  #call(callable: Callable, receiver: object | undefined): void {
    const { name, target, kind, parameters } = callable;
    const count = this.#random.chance(90) ? parameters.length : this.#random.below(parameters.length + 2);
    const args = Array.from({ length: count }, (_, at) =>
      argumentFor(this.#sources, parameters[at] ?? { name: '', members: [] }, at),
    );
    if (name === 'sys.close') this.#onlyDisposable(args);
    // A constructor that takes a descriptor owns it from then on, also where a child class throws after it.
    if (kind !== 'method' && kind !== 'function' && parameters[0]?.name === 'fd') {
      this.#onlyDisposable(args);
      this.#descriptors.giveAway(args[0]);
    }
    if (!this.#safeguard.admits(callable, receiver, args)) return;
    this.#note(name, args);
    let threw = true;
    try {
      const made: unknown =
        kind === 'constructor'
          ? Reflect.construct(target, args, newTarget(this.#random, target, this.#sideEffect()))
          : Reflect.apply(target, this.#thisOf(callable, receiver), args);
      threw = false;
      this.#take(name, args, made);
    } catch (error) {
      this.judge(name, error);
    }
    this.#after(name, args);
    const row = this.tally.get(name) ?? { returned: 0, threw: 0 };
    if (threw) row.threw++;
    else row.returned++;
    this.tally.set(name, row);
  }

  // What these get is closed, sooner or later.
  #onlyDisposable(args: unknown[]): void {
    if (typeof args[0] === 'number' && args[0] >= 0) args[0] = this.#descriptors.disposable();
    if (typeof args[0] === 'object' || typeof args[0] === 'function') args[0] = this.#random.pick([null, {}, [3], '7']);
  }

  // Mostly the object itself; a method on loan for a stranger, too.
  #thisOf({ kind, target }: Callable, receiver: object | undefined): unknown {
    if (kind === 'static') return target;
    if (receiver === undefined || this.#random.chance(98)) return receiver;
    return this.#random.pick<unknown>([undefined, null, {}, 5, new Proxy(receiver, {}), Object.create(receiver)]);
  }

  /** Looks whether an error may come out of a call. */
  judge(name: string, error: unknown): void {
    const problem = fault(error, name.startsWith('sys.'));
    if (problem !== undefined) this.problems.push(`call ${this.calls}, ${name}: ${problem}`);
  }

  #take(name: string, args: readonly unknown[], made: unknown): void {
    if (made instanceof Promise) {
      made.then(
        () => {},
        (error: unknown) => this.judge(name, error),
      );
      return;
    }
    if (makesDescriptors.test(name) || (name === 'sys.fcntl' && [0, F_DUPFD_CLOEXEC].includes(args[1] as number))) {
      for (const fd of Array.isArray(made) ? made : [made]) this.#takeDescriptor(name, args, fd);
    }
    if (typeof made === 'object' && made !== null && isOfPackage(made)) this.#keep(made);
  }

  #takeDescriptor(name: string, args: readonly unknown[], fd: unknown): void {
    if (name === 'sys.signalfd' && fd === args[0]) return; // changed, not made
    if (!this.#descriptors.adopt(fd) || !/socket/.test(name)) return;
    // Sockets of families that reach further than this machine's own memory and loopback are not kept.
    const local = [1, 2, 10].includes(args[0] as number) && [1, 2, 5].includes((args[1] as number) & 15);
    if (local) return;
    close(fd as number);
    this.#descriptors.closedByNumber(fd);
  }

  #after(name: string, args: readonly unknown[]): void {
    if (name === 'sys.close' || name === 'sys.dup3') for (const fd of args) this.#descriptors.closedByNumber(fd);
    if ((name === 'sys.ioctl' || name === 'sys.fcntl') && isInt(args[0])) neverBlock(args[0]);
    if (/\.close$|dispose/.test(name)) this.#dropClosed();
  }

  #keep(made: object): void {
    if (this.#pool.includes(made)) return;
    this.#safeguard.prepare(made);
    this.#pool.push(made);
    const fd = fdOf(made);
    if (fd !== undefined) this.#descriptors.own(fd);
    while (this.#pool.length > most) this.#end(this.#pool[this.#random.below(8)] as object);
  }

  #end(object: object): void {
    this.#pool = this.#pool.filter((other) => other !== object);
    const fd = fdOf(object);
    if ('close' in object && typeof object.close === 'function') {
      try {
        object.close();
      } catch (error) {
        this.judge('close', error);
      }
    }
    if (fd !== undefined) this.#descriptors.disown(fd);
  }

  // Some closed objects stay, to be called on.
  #dropClosed(): void {
    for (const object of this.#pool) {
      if (object instanceof OwnedFd && fdOf(object) === undefined && this.#random.chance(40)) this.#end(object);
    }
    this.#descriptors.ownOnly(this.#pool.flatMap((object) => fdOf(object) ?? []));
  }

  /** Keeps what is open within bounds. */
  tidy(): void {
    this.#dropClosed();
    this.#descriptors.trim(60);
  }

  /** Closes everything. */
  finish(): void {
    for (const object of this.#pool) this.#end(object);
    this.#descriptors.ownOnly([]);
    this.#descriptors.trim(0);
  }

  /** Closes what constructors were given and did not take. */
  closeGiven(): void {
    this.#descriptors.closeGiven();
  }

  // What happens in a getter, a proxy's trap, a valueOf: drawn now, done when it is looked at.
  #sideEffect(): SideEffect {
    const random = this.#random;
    switch (random.below(5)) {
      case 0:
        return () => {
          throw new Marker('thrown by a hostile value');
        };
      case 1:
        return () => {
          if (this.#depth > 0 || this.#pool.length === 0) return;
          this.#end(this.#random.pick(this.#pool));
        };
      case 2:
        return () => {
          if (this.#depth > 0 || this.#pool.length === 0) return;
          this.#depth++;
          try {
            this.step();
          } finally {
            this.#depth--;
          }
        };
      default:
        return () => {};
    }
  }

  #note(name: string, args: readonly unknown[]): void {
    writeSync(this.#options.journal, `${this.calls} ${name}`.padEnd(60), 0);
    if (this.#options.trace) process.stderr.write(`${this.calls} ${name}(${args.map(label).join(', ')})\n`);
  }
}

function isInt(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

function label(value: unknown): string {
  if (typeof value === 'symbol' || typeof value === 'function' || typeof value === 'object') return `<${typeof value}>`;
  return JSON.stringify(typeof value === 'bigint' ? `${value}n` : value)?.slice(0, 40) ?? 'undefined';
}

/** Whether a class of the package made it. */
function isOfPackage(value: object): boolean {
  try {
    const maker: unknown = (Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor;
    return typeof maker === 'function' && Function.prototype.toString.call(maker).startsWith('class');
  } catch {
    return false; // a revoked proxy
  }
}

const ownFd = Object.getOwnPropertyDescriptor(OwnedFd.prototype, 'fd')?.get;

/** The number of an object that owns one and is open. */
function fdOf(object: object): number | undefined {
  try {
    if (object instanceof OwnedFd) return ownFd?.call(object) as number;
    const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), 'fd') ?? {};
    const fd: unknown = get?.call(object);
    return typeof fd === 'number' ? fd : undefined;
  } catch {
    return undefined; // closed
  }
}
