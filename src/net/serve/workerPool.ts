import { clearTimeout, setTimeout } from 'node:timers';
import type { ByteStream } from '../stream/byteStream.ts';
import { around } from '../core/madeSocket.ts';
import { TcpStream } from '../tcp/tcpStream.ts';
import { adoptConnection } from './adoptConnection.ts';
import { type Handlers, report } from './handlers.ts';
import { type LeftConnection, PoolMember } from './poolMember.ts';
import { receivedError } from './postedError.ts';
import { noCounts, type ServeCounts } from './serveCounts.ts';

// How long a worker that was told to reset its connections may take: one that computes for ever is terminated then.
const graceMs = 1000;
// A module that can't be read for a moment, or a thread that can't be made, is no reason to go on with a worker less.
const mostFailures = 5;
const firstPauseMs = 100;
const longestPauseMs = 5000;

/** What `WorkerPool` needs to know. */
export interface WorkerPoolOptions {
  readonly workers: number;
  readonly onConnection: URL;
  readonly onError?: (error: unknown) => void;
  readonly data?: unknown;
}

/** The worker threads of a server, and which connection is where. */
export class WorkerPool implements Handlers {
  onRoom: () => void = () => {};
  onFailure: (error: unknown) => void = () => {};
  readonly #options: WorkerPoolOptions;
  readonly #members = new Set<PoolMember>();
  readonly #counts = noCounts();
  // Connections for which there is no worker just now.
  readonly #waiting: ByteStream[] = [];
  readonly #starting = new Set<Promise<void>>();
  // Replacements that are tried again later.
  readonly #pauses = new Set<NodeJS.Timeout>();
  #failures = 0;
  #stopping = false;
  #onChange: (() => void) | undefined;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** @throws (as a rejection) the error of a worker that could not start; none is left then */
  static async start(options: WorkerPoolOptions): Promise<WorkerPool> {
    const made = new WorkerPool(options);
    const started = await Promise.allSettled(Array.from({ length: options.workers }, () => made.#start()));
    const failure = started.find((result) => result.status === 'rejected');
    if (failure === undefined) return made;
    await made.drain(0);
    throw failure.reason;
  }

  get counts(): ServeCounts {
    return { ...this.#counts };
  }

  /** Gives a connection to the worker that has the fewest. */
  take(stream: ByteStream): void {
    this.#counts.accepted++;
    this.#dispatch(stream);
  }

  /** Resolves when no connection and no worker is left; after `deadlineMs` connections that are left are reset. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    for (const member of this.#members) member.command('stop');
    if (!(await this.#idle(deadlineMs))) {
      for (const member of this.#members) member.command('reset');
      this.#abandon('reset');
      await this.#idle(graceMs);
    }
    for (const pause of this.#pauses) clearTimeout(pause);
    this.#pauses.clear();
    // One that takes the place of a crashed worker may be ready only now.
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#members].map((member) => member.end(graceMs)));
  }

  #start(): Promise<void> {
    const started = this.#startMember();
    this.#starting.add(started);
    const ended = (): boolean => this.#starting.delete(started);
    started.then(ended, ended);
    return started;
  }

  async #startMember(): Promise<void> {
    const { onConnection, onError, data } = this.#options;
    const member = new PoolMember(onConnection.href, data);
    member.onEnd = (how, error) => {
      this.#counts[how]++;
      if (error !== undefined && (how === 'failed' || (how === 'broken' && onError !== undefined))) {
        report(receivedError(error), onError);
      }
      this.#changed();
    };
    member.onExit = (error, left) => this.#exited(member, error, left);
    await member.ready();
    this.#failures = 0;
    this.#members.add(member);
    if (this.#stopping) member.command('stop');
    for (const stream of this.#waiting.splice(0)) this.#dispatch(stream);
  }

  #dispatch(stream: ByteStream): void {
    let least: PoolMember | undefined;
    for (const member of this.#members) if (member.load < (least?.load ?? Infinity)) least = member;
    if (least === undefined) this.#waiting.push(stream);
    else least.take(stream);
  }

  #changed(): void {
    this.onRoom();
    this.#onChange?.();
  }

  /** @returns false when it took longer than that */
  async #idle(limitMs: number): Promise<boolean> {
    let late = false;
    const timer =
      limitMs > 0x7fff_ffff
        ? undefined
        : setTimeout(() => {
            late = true;
            this.#onChange?.();
          }, limitMs);
    while (this.#busy && !late) await this.#change();
    clearTimeout(timer);
    return !this.#busy;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }

  get #busy(): boolean {
    return this.#waiting.length > 0 || [...this.#members].some(({ load }) => load > 0);
  }

  // A thread that was at work is gone: because it was told to, or it crashed.
  #exited(member: PoolMember, error: unknown, left: readonly LeftConnection[]): void {
    this.#members.delete(member);
    for (const { fd, begun, same } of left) {
      const stream = same ? this.#takenBack(fd) : undefined;
      if (stream !== undefined && !begun) this.#waiting.push(stream);
      else {
        this.#counts[member.ending ? 'reset' : 'lost']++;
        if (stream !== undefined) reset(stream);
      }
    }
    if (member.ending) return this.#abandon('reset');
    this.#counts.crashes++;
    report(error, this.#options.onError);
    for (const stream of this.#waiting.splice(0)) this.#dispatch(stream);
    this.#replace();
    this.#changed();
  }

  // An error here would be nobody's, and end the process.
  #takenBack(fd: number): ByteStream | undefined {
    try {
      return around(fd, adoptConnection);
    } catch (error) {
      report(error, this.#options.onError);
      return undefined;
    }
  }

  #replace(): void {
    // While it stops, only for connections that nobody has.
    if (this.#stopping && this.#waiting.length === 0) return;
    this.#start().catch((error: unknown) => {
      report(error, this.#options.onError);
      this.#failures++;
      const others = this.#members.size + this.#starting.size + this.#pauses.size;
      if (this.#failures < mostFailures || others > 0) return this.#replaceLater();
      this.#abandon('lost');
      return this.onFailure(error);
    });
  }

  #replaceLater(): void {
    const pauseMs = Math.min(firstPauseMs * 2 ** (this.#failures - 1), longestPauseMs);
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#replace();
    }, pauseMs);
    this.#pauses.add(pause);
  }

  // Nobody will serve these.
  #abandon(how: 'reset' | 'lost'): void {
    for (const stream of this.#waiting.splice(0)) {
      this.#counts[how]++;
      reset(stream);
    }
    this.#changed();
  }
}

function reset(stream: ByteStream): void {
  if (stream instanceof TcpStream) stream.reset();
  else stream.close();
}
