import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
import { close } from '../../sys/index.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { type WorkerStart, type FromWorker, SharedSlot, type ToWorker } from './workerMessages.ts';
import type { PostedError } from './postedError.ts';
import type { ConnectionEnd } from './serveCounts.ts';
import { SocketIdentity } from './socketIdentity.ts';

/** A connection that a thread had when it ended. */
export interface LeftConnection {
  readonly fd: number;
  /** Whether the thread had begun with it; one that it had not is as it was. */
  readonly begun: boolean;
  /** Whether the descriptor still is that connection: the thread may have closed it, and the number be used again. */
  readonly same: boolean;
}

// Relative to the bundle of `net`, in which this module is.
const entry = new URL('./serve/workerMain.js', import.meta.url);

/** A worker thread that handles connections, seen from the thread that started it. */
export class PoolMember {
  /** Told how each connection ended. */
  onEnd: (how: ConnectionEnd, error: PostedError | undefined) => void = () => {};
  /** Told that the thread has ended, after it was ready: why, and what it left. */
  onExit: (error: unknown, left: readonly LeftConnection[]) => void = () => {};

  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SharedSlot.length));
  readonly #worker: Worker;
  readonly #connections = new Map<number, { readonly fd: number; readonly socket: SocketIdentity }>();
  readonly #exited: Promise<void>;
  #sent = 0;
  #ending = false;

  /** @throws what `new Worker` throws, for data that can't be cloned too */
  constructor(module: string, data: unknown) {
    const workerData: WorkerStart = { module, data, shared: this.#shared };
    this.#worker = new Worker(entry, { workerData, ...workerOptions() });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => resolve());
    });
  }

  /** How many connections it has. */
  get load(): number {
    return this.#connections.size;
  }

  /** Whether it was told to end. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Resolves when it can take connections. @throws (as a rejection) the error of a thread that ends before that */
  async ready(): Promise<void> {
    const worker = this.#worker;
    let error: unknown;
    let ready = false;
    worker.on('error', (thrown: unknown) => (error = thrown));
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if ('ready' in message) {
          ready = true;
          resolve();
        } else this.#ended(message.connection, message.how, message.error);
      });
      worker.once('exit', (code) => {
        error ??= new Error(`A connection worker ended by itself, with exit code ${code}`);
        const left = this.#left();
        this.#closeHeld();
        // eslint-disable-next-line typescript/prefer-promise-reject-errors -- a thread can throw any value
        if (!ready) reject(error);
        else this.onExit(error, left);
      });
    });
  }

  /** Hands a connection over; `stream` is closed here. */
  take(stream: ByteStream): void {
    const socket = new SocketIdentity(stream.fd);
    const fd = stream.detach();
    const connection = ++this.#sent;
    this.#connections.set(connection, { fd, socket });
    this.#post({ connection, fd });
  }

  command(command: 'stop' | 'reset'): void {
    this.#post({ command });
  }

  /** Ends the thread: by itself, or by force when that takes longer than `graceMs`. */
  async end(graceMs: number): Promise<void> {
    this.#ending = true;
    this.#post({ command: 'end' });
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #ended(number: number, how: ConnectionEnd | 'unmade', error: PostedError | undefined): void {
    const connection = this.#connections.get(number);
    if (connection === undefined) return;
    this.#connections.delete(number);
    if (how === 'unmade' && connection.socket.is(connection.fd)) close(connection.fd);
    this.onEnd(how === 'unmade' ? 'failed' : how, error);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #left(): LeftConnection[] {
    const begun = Atomics.load(this.#shared, SharedSlot.begun);
    return [...this.#connections].map(([connection, { fd, socket }]) => ({
      fd,
      begun: connection <= begun,
      same: socket.is(fd),
    }));
  }

  // A thread that was terminated, or that ran out of memory, has not closed its reactor.
  #closeHeld(): void {
    const held = Atomics.exchange(this.#shared, SharedSlot.held, 0);
    const first = SharedSlot.descriptors;
    for (const fd of this.#shared.subarray(first, first + held)) close(fd);
  }
}

// A worker takes over this process's options, such as loaders, by itself. Not with --input-type, with which Node 20
// refuses to start a file; and options that are given are checked more strictly than those that are taken over
// (--stack-trace-limit, Node 26).
function workerOptions(): { readonly execArgv?: string[] } {
  return process.execArgv.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {};
}
