import { setImmediate } from 'node:timers';
import type { ByteChannel } from '../core/byteChannel.ts';
import { readChunk } from '../core/readChunk.ts';
import { type Step, threadSteps } from './turnSteps.ts';

/** Where a reader's bytes go. */
export interface ReaderTarget {
  /** @returns whether more is wanted; not so, the target asks for it later. An empty chunk is the end. */
  push(chunk: Buffer): boolean;
  /** Reading has failed. */
  failed(error: Error): void;
  /** What it waits for has changed. */
  waits(): void;
  /** Runs in the target's context. */
  run(step: () => void): void;
}

/**
 * Reads from a channel while its target wants more: one chunk, or the end, in an immediate of its own, so that ticks
 * and promises run in between as with a `net.Socket`. Never while the target asks.
 */
export class DuplexReader implements Step {
  readonly #channel: ByteChannel;
  readonly #target: ReaderTarget;
  readonly #readInto: (into: Uint8Array) => number | null;
  readonly #messageLength: (() => number) | undefined;
  readonly #read = (): void => this.#readOnce();
  #wants = false;
  #due = false;
  #held = false;
  // It has come to its end, or has failed.
  #over = false;
  #stopped = false;

  constructor(channel: ByteChannel, target: ReaderTarget) {
    this.#channel = channel;
    this.#target = target;
    this.#readInto = (into) => channel.read(into);
    this.#messageLength = channel.features.messageLength;
  }

  /** Whether it waits for an event. */
  get waiting(): boolean {
    return this.#wants && !this.#due;
  }

  /** The target wants more. */
  want(): void {
    if (this.#wants) return;
    this.#wants = true;
    this.goOn();
  }

  /** There may be something. */
  goOn(): void {
    if (!this.#wants || this.#due || this.#held || this.#over) return;
    if (!this.#channel.readiness.mayRead) return this.#target.waits();
    this.#due = true;
    threadSteps().add(this);
  }

  /** Nothing is read, or told, any more. */
  stop(): void {
    this.#stopped = this.#over = true;
    this.#wants = false;
  }

  /** While it is held, nothing is read, nor told. */
  hold(on: boolean): void {
    this.#held = on;
    if (!on) this.goOn();
  }

  step(): void {
    this.#due = false;
    if (this.#wants && !this.#held) this.#target.run(this.#read);
  }

  #readOnce(): void {
    let chunk: Buffer | null;
    try {
      chunk = readChunk(this.#readInto, this.#messageLength?.());
    } catch (error) {
      return this.#tellOver(() => this.#target.failed(error as Error));
    }
    if (chunk === null) return this.#target.waits();
    if (chunk.length === 0) return this.#tellOver(() => void this.#target.push(chunk));
    // Before push(), whose listeners can ask for more.
    this.#wants = false;
    // What a listener throws is not the stream's fault: it goes its way, and the stream goes on.
    let more = true;
    try {
      more = this.#target.push(chunk);
    } finally {
      if (more) this.want();
      else if (!this.#wants && !this.#over) this.#target.waits();
    }
  }

  // Not in the turn of the last bytes, as with a `net.Socket`: whoever answers them in an immediate comes first.
  #tellOver(tell: () => void): void {
    this.#over = true;
    this.#wants = false;
    // Nothing more comes: what was read and is not asked for does not keep the process alive, as with a `net.Socket`.
    this.#target.waits();
    setImmediate(() => {
      if (!this.#stopped) this.#target.run(tell);
    });
  }
}
