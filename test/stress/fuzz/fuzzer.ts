import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import { types } from 'node:util';
import { OwnedFd } from 'epoll-ts';
import { StreamSet, threadReactor } from 'epoll-ts/net';
import { close, ControlBuffer, F_DUPFD_CLOEXEC, SCM_RIGHTS, SOL_SOCKET } from 'epoll-ts/sys';
import { abortSignal, argumentFor, memory, seedObjects, type Sources } from './argumentMaker.ts';
import type { Declarations } from './declarations.ts';
import { Descriptors, neverBlock } from './descriptors.ts';
import { damage, GuardedBytes } from './guardedBytes.ts';
import { HostileMaker, Marker, type SideEffect } from './hostileMaker.ts';
import { NetWorld } from './netWorld.ts';
import { newTarget } from './newTarget.ts';
import { Pending } from './pending.ts';
import { fdOf, Pool } from './pool.ts';
import { Random } from './random.ts';
import { ownsNumber, Safeguard } from './safeguard.ts';
import { type Callable, exportedCallables, methodsOf } from './surface.ts';
import { fault } from './verdict.ts';

/** How often each callable returned and threw. */
export type Tally = Map<string, { returned: number; threw: number }>;

export interface FuzzerOptions {
  readonly seed: number;
  readonly pid: number;
  readonly declarations: Declarations;
  /** Where the call at hand is written down, so that the parent knows it after a crash. */
  readonly journal: number;
  /** A descriptor of /dev/null. */
  readonly filler: number;
  /** How many threads `serve` may start. */
  readonly workers: number;
  readonly trace: boolean;
}

// The functions that answer with new descriptors.
const makesDescriptors =
  /^sys\.(?:epoll_create1|eventfd|timerfd_create|signalfd|socket|socketpair|accept4|dup3?|open|pidfd_open|pidfd_getfd|inotify_init1|pipe2)$/;
const borrows = /(?:EventFd|Waker|TcpListener|StreamSet)\.from$/;
// What of Web Streams settles when the connection is closed: a `closed` of one that is idle never does.
const settles = /^(?:Readable|Writable)Stream\w+\.(?:read|write|close|abort)$/;

/** Calls what the package exports, with hostile values, and notes what must not happen. */
export class Fuzzer {
  readonly tally: Tally = new Map();
  readonly problems: string[] = [];
  readonly pending: Pending = new Pending();
  calls = 0;
  /** How often promises of each callable were fulfilled. */
  readonly fulfilled: Map<string, number> = new Map();
  readonly #random: Random;
  readonly #options: FuzzerOptions;
  readonly #descriptors: Descriptors;
  readonly #guarded = new GuardedBytes();
  readonly #safeguard: Safeguard;
  readonly #world: NetWorld;
  readonly #pool: Pool;
  readonly #exported: readonly Callable[];
  readonly #sources: Sources;
  #depth = 0;

  constructor(options: FuzzerOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#pool = new Pool(this.#random, (name, error) => this.judge(name, error));
    this.#descriptors = new Descriptors(this.#random, () => this.#pool.number(), options.filler);
    this.#safeguard = new Safeguard(this.#random, this.#descriptors, () => this.#pool.objects);
    this.#world = new NetWorld(this.#random, options.workers);
    this.#exported = exportedCallables(options.declarations);
    this.#sources = {
      random: this.#random,
      hostile: new HostileMaker(this.#random, () => this.#sideEffect()),
      descriptors: this.#descriptors,
      guarded: this.#guarded,
      pids: [options.pid],
      declarations: options.declarations,
      world: this.#world,
      memory,
      abortSignal,
      objects: () => this.#pool.objects,
      keep: (object) => this.#pool.keep(object),
    };
  }

  /** One call, of anything. */
  step(): void {
    this.calls++;
    if (this.#pool.objects.length < 8 || this.#random.chance(2)) this.#pool.keepAll(seedObjects(this.#sources));
    const receiver = this.#random.chance(60) ? this.#pool.pick() : undefined;
    const methods = receiver === undefined ? [] : methodsOf(receiver, this.#options.declarations);
    const callable = this.#random.pick(methods.length === 0 ? this.#exported : methods);
    if (receiver instanceof OwnedFd && this.#random.chance(3)) this.#withoutFile(callable, receiver);
    else this.#call(callable, receiver);
  }

  #withoutFile(callable: Callable, receiver: OwnedFd): void {
    const fd = fdOf(receiver);
    if (fd === undefined || callable.name.endsWith('.close') || callable.name.includes('dispose')) return;
    // A set's streams are in the kernel's list only, and lost with it.
    if (this.#pool.isBorrower(receiver) || receiver instanceof StreamSet) return;
    // Another thread that starts opens more files than there is room for below.
    if (this.#world.hasWorkers) return;
    this.#depth++;
    try {
      const use = (): void => this.#call(callable, receiver);
      this.#descriptors.withoutFile(fd, use, {
        open: () => fdOf(receiver) === fd,
        lost: () => void Reflect.apply(Reflect.get(OwnedFd.prototype, 'giveAway'), receiver, []),
      });
    } finally {
      this.#depth--;
    }
  }

  #call(callable: Callable, receiver: object | undefined): void {
    const { name, parameters } = callable;
    const count = this.#random.chance(90) ? parameters.length : this.#random.below(parameters.length + 2);
    const args = Array.from({ length: count }, (_, at) => argumentFor(this.#sources, callable, at));
    // Not its to give away, or to close.
    if (this.#pool.isBorrower(receiver) && name.endsWith('.detach')) return;
    if (!this.#safeguard.admits(callable, receiver, args)) return;
    if (ownsNumber(callable) && typeof args[0] === 'object' && this.#pool.isBorrower(args[0] ?? undefined)) return;
    this.#note(name, args);
    const made = this.#guarded.take();
    const given = ownsNumber(callable) ? numberIn(args[0]) : undefined;
    let threw = true;
    try {
      const answer = this.#invoke(callable, receiver, args);
      threw = false;
      if (!name.startsWith('net.fd') || closesItself(args[1])) this.#descriptors.giveAway(given, false);
      this.#take(callable, args, answer, made);
    } catch (error) {
      if (callable.kind === 'constructor') this.#descriptors.giveAway(given, true);
      this.judge(name, error);
    }
    this.#checkMemory(name, made);
    this.#after(name, args);
    const row = this.tally.get(name) ?? { returned: 0, threw: 0 };
    if (threw) row.threw++;
    else row.returned++;
    this.tally.set(name, row);
  }

  #invoke({ kind, target }: Callable, receiver: object | undefined, args: unknown[]): unknown {
    if (kind === 'constructor')
      return Reflect.construct(target, args, newTarget(this.#random, target, this.#sideEffect()));
    if (kind === 'static') return Reflect.apply(target, target, args) as unknown;
    // Mostly the object itself; a method on loan for a stranger, too. Not of Node's streams, whose state a stranger
    // would share.
    const self =
      receiver === undefined || receiver instanceof EventEmitter || this.#random.chance(98)
        ? receiver
        : this.#random.pick<unknown>([undefined, null, {}, 5, new Proxy(receiver, {}), Object.create(receiver)]);
    return Reflect.apply(target, self, args) as unknown;
  }

  /** Looks whether an error may come out of a call. */
  judge(name: string, error: unknown): void {
    const problem = fault(error, name);
    if (problem !== undefined) this.note(name, problem);
  }

  /** Notes what must not happen. */
  note(name: string, problem: string): void {
    this.problems.push(`call ${this.calls}, ${name}: ${problem}`);
  }

  #checkMemory(name: string, made: readonly Uint8Array<ArrayBuffer>[]): void {
    const problem = damage(made);
    if (problem !== undefined) this.note(name, problem);
  }

  #take(callable: Callable, args: readonly unknown[], answer: unknown, made: readonly Uint8Array<ArrayBuffer>[]): void {
    const { name, kind } = callable;
    if (answer instanceof Promise) {
      const bounded = kind !== 'getter' && (!/^(?:Readable|Writable)/.test(name) || settles.test(name));
      this.#follow(name, bounded, answer, made);
      return;
    }
    // A server of `serve`: it is a promise, too, of its end.
    if (name === 'net.serve') this.#follow(name, true, (answer as { finished: Promise<unknown> }).finished, made);
    if (isGenerator(answer)) this.#follow(name, true, answer.next(), made);
    if (makesDescriptors.test(name) || (name === 'sys.fcntl' && [0, F_DUPFD_CLOEXEC].includes(args[1] as number))) {
      for (const fd of Array.isArray(answer) ? answer : [answer]) this.#takeDescriptor(name, args, fd);
    }
    if (name.endsWith('.detach')) this.#descriptors.adopt(answer);
    this.#pool.keepAll(answer);
    if (borrows.test(name) && typeof answer === 'object' && answer !== null) this.#pool.borrows(answer);
  }

  #follow(name: string, bounded: boolean, promise: Promise<unknown>, made: readonly Uint8Array<ArrayBuffer>[]): void {
    const call = this.calls;
    // What was promised to be left alone may be gone by the time.
    const [whole] = made;
    if (whole !== undefined && this.#random.chance(3)) structuredClone(whole.buffer, { transfer: [whole.buffer] });
    this.pending.follow(
      promise,
      { call, name, bounded },
      {
        fulfilled: (value) => {
          this.#checkMemory(`${name} of call ${call}`, made);
          this.fulfilled.set(name, (this.fulfilled.get(name) ?? 0) + 1);
          this.#pool.keepAll(value);
        },
        rejected: (reason) => {
          this.#checkMemory(`${name} of call ${call}`, made);
          this.judge(name, reason);
        },
      },
    );
  }

  #takeDescriptor(name: string, args: readonly unknown[], fd: unknown): void {
    if (name === 'sys.signalfd' && fd === args[0]) return; // changed, not made
    // Sockets of families that reach further than this machine's own memory and loopback are not kept.
    const local = [1, 2, 10].includes(args[0] as number) && [1, 2, 5].includes((args[1] as number) & 15);
    if (/socket/.test(name) && !local && typeof fd === 'number' && fd >= 0) close(fd);
    else this.#descriptors.adopt(fd);
  }

  #after(name: string, args: readonly unknown[]): void {
    if (name === 'sys.close' || name === 'sys.dup3') for (const fd of args) this.#descriptors.closedByNumber(fd);
    if ((name === 'sys.ioctl' || name === 'sys.fcntl') && isInt(args[0])) neverBlock(args[0]);
    if (name === 'sys.recvmsg') for (const arg of args) this.#takeReceived(arg);
    if (/\.(?:close|reset|detach|attach|add|giveBack)$|dispose/.test(name)) this.#pool.endBorrowers();
  }

  #takeReceived(control: unknown): void {
    if (types.isProxy(control) || !(control instanceof ControlBuffer)) return;
    for (const { level, type, data } of ControlBuffer.prototype.messages.call(control)) {
      if (level !== SOL_SOCKET || type !== SCM_RIGHTS) continue;
      for (const fd of new Int32Array(data.slice().buffer)) this.#descriptors.adopt(fd);
    }
    ControlBuffer.prototype.messages.call(control);
  }

  /** Keeps what is open within bounds. */
  tidy(): void {
    for (const stream of this.#world.accepted()) this.#pool.keep(stream);
    this.#pool.dropClosed();
    this.#descriptors.trim(60);
  }

  /** Closes everything, and waits for all that was promised. */
  async finish(limitMs: number, collect: () => Promise<void>): Promise<void> {
    this.#pool.endAll();
    this.#descriptors.closeAll();
    this.#world.finish();
    for (const { call, name } of await this.pending.rest(limitMs, collect)) {
      this.note(name, `the promise of call ${call} is not settled although everything is closed`);
    }
    // What came out of promises meanwhile, and the reactor that they made anew.
    this.#pool.endAll();
    threadReactor().close();
    this.#safeguard.finish();
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
          if (this.#depth > 0 || this.#pool.objects.length === 0) return;
          this.#pool.end(this.#random.pick(this.#pool.objects));
        };
      case 2:
        return () => {
          if (this.#depth > 0 || this.#pool.objects.length === 0) return;
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

function numberIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || types.isProxy(value) || value instanceof OwnedFd) return value;
  return Object.getOwnPropertyDescriptor(value, 'fd')?.value;
}

// Without it the descriptor is borrowed.
function closesItself(options: unknown): boolean {
  if (typeof options !== 'object' || options === null || types.isProxy(options)) return false;
  return Object.getOwnPropertyDescriptor(options, 'autoClose')?.value === true;
}

function isInt(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

function isGenerator(value: unknown): value is AsyncGenerator {
  return (
    typeof value === 'object' &&
    value !== null &&
    !types.isProxy(value) &&
    Symbol.asyncIterator in value &&
    'next' in value
  );
}

function label(value: unknown): string {
  if (typeof value === 'symbol' || typeof value === 'function' || typeof value === 'object') return `<${typeof value}>`;
  return JSON.stringify(typeof value === 'bigint' ? `${value}n` : value)?.slice(0, 40) ?? 'undefined';
}
