import { clearTimeout, setTimeout } from 'node:timers';
import type { ByteStream } from '../stream/byteStream.ts';
import { connectedStream } from './connectedStream.ts';
import { receivedError } from './connectionMessages.ts';
import { report, type ServeCounts } from './connections.ts';
import { ConnectionThread, type LeftConnection } from './connectionThread.ts';
import { around } from '../core/madeSocket.ts';
import { TcpStream } from '../tcp/tcpStream.ts';

// How long a worker that was told to reset its connections may take: one that computes for ever is terminated then.
const graceMs = 1000;

/** What `ConnectionWorkers` needs to know. */
export interface ConnectionWorkersOptions {
  readonly workers: number;
  readonly onConnection: URL;
  readonly onError?: (error: unknown) => void;
  readonly data?: unknown;
}

/** The worker threads of a server, and which connection is where. */
export class ConnectionWorkers {
  readonly #options: ConnectionWorkersOptions;
  readonly #threads = new Set<ConnectionThread>();
  readonly #counts = { accepted: 0, finished: 0, failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 };
  // Connections for which there is no worker just now.
  readonly #waiting: ByteStream[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #failed = new AbortController();
  #stopping = false;
  #onChange: (() => void) | undefined;

  private constructor(options: ConnectionWorkersOptions) {
    this.#options = options;
  }

  /** @throws (as a rejection) the error of a worker that could not start; none is left then */
  static async start(options: ConnectionWorkersOptions): Promise<ConnectionWorkers> {
    const made = new ConnectionWorkers(options);
    const started = await Promise.allSettled(Array.from({ length: options.workers }, () => made.#start()));
    const failure = started.find((result) => result.status === 'rejected');
    if (failure === undefined) return made;
    await made.drain(0);
    throw failure.reason;
  }

  /** Aborted when no worker is left and none could be started, with the reason. */
  get failed(): AbortSignal {
    return this.#failed.signal;
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
    for (const thread of this.#threads) thread.command('stop');
    if (!(await this.#idle(deadlineMs))) {
      for (const thread of this.#threads) thread.command('reset');
      this.#abandon('reset');
      await this.#idle(graceMs);
    }
    // One that takes the place of a crashed worker may be ready only now.
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#threads].map((thread) => thread.end(graceMs)));
  }

  #start(): Promise<void> {
    const started = this.#startThread();
    this.#starting.add(started);
    const ended = (): boolean => this.#starting.delete(started);
    started.then(ended, ended);
    return started;
  }

  async #startThread(): Promise<void> {
    const { onConnection, onError, data } = this.#options;
    const thread = new ConnectionThread(onConnection.href, data);
    thread.onEnd = (how, error) => {
      this.#counts[how]++;
      if (error !== undefined && (how === 'failed' || (how === 'broken' && onError !== undefined))) {
        report(receivedError(error), onError);
      }
      this.#onChange?.();
    };
    thread.onExit = (error, left) => this.#exited(thread, error, left);
    await thread.ready();
    this.#threads.add(thread);
    if (this.#stopping) thread.command('stop');
    for (const stream of this.#waiting.splice(0)) this.#dispatch(stream);
  }

  #dispatch(stream: ByteStream): void {
    let least: ConnectionThread | undefined;
    for (const thread of this.#threads) if (thread.load < (least?.load ?? Infinity)) least = thread;
    if (least === undefined) this.#waiting.push(stream);
    else least.take(stream);
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
    return this.#waiting.length > 0 || [...this.#threads].some(({ load }) => load > 0);
  }

  // A thread that was at work is gone: because it was told to, or it crashed.
  #exited(thread: ConnectionThread, error: unknown, left: readonly LeftConnection[]): void {
    this.#threads.delete(thread);
    for (const { fd, begun, same } of left) {
      const stream = same ? this.#takenBack(fd) : undefined;
      if (stream !== undefined && !begun) this.#waiting.push(stream);
      else {
        this.#counts[thread.ending ? 'reset' : 'lost']++;
        if (stream !== undefined) reset(stream);
      }
    }
    if (thread.ending) return this.#abandon('reset');
    this.#counts.crashes++;
    report(error, this.#options.onError);
    for (const stream of this.#waiting.splice(0)) this.#dispatch(stream);
    if (!this.#stopping || this.#waiting.length > 0) this.#replace();
    this.#onChange?.();
  }

  // An error here would be nobody's, and end the process.
  #takenBack(fd: number): ByteStream | undefined {
    try {
      return around(fd, connectedStream);
    } catch (error) {
      report(error, this.#options.onError);
      return undefined;
    }
  }

  #replace(): void {
    this.#start().catch((error: unknown) => {
      report(error, this.#options.onError);
      if (this.#threads.size > 0 || this.#starting.size > 0) return;
      this.#abandon('lost');
      this.#failed.abort(error);
    });
  }

  // Nobody will serve these.
  #abandon(how: 'reset' | 'lost'): void {
    for (const stream of this.#waiting.splice(0)) {
      this.#counts[how]++;
      reset(stream);
    }
    this.#onChange?.();
  }
}

function reset(stream: ByteStream): void {
  if (stream instanceof TcpStream) stream.reset();
  else stream.close();
}
