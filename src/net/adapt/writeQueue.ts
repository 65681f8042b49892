import { byteLengthOf } from '../../sys/argument.ts';
import { afterBytes } from '../core/afterBytes.ts';

/** Where bytes go: how many were taken, null where it would wait. */
export interface ChunkSink {
  takenWrite(data: Uint8Array): number | null;
  takenWritev(data: readonly Uint8Array[]): number | null;
}

type Done = (error?: Error | null) => void;

// What one stream may write in one turn of the event loop, when the kernel takes all that it is offered.
const bytesPerTurn = 1_048_576;
const nothing: readonly Uint8Array[] = [];

/** The one write that a Writable has under way: goes on whenever there is room, until all of it is taken. */
export class WriteQueue {
  readonly #sink: ChunkSink;
  readonly #progress: () => void;
  #rest = nothing;
  #done: Done | undefined;
  #resting = false;
  // Since it waited, or rested, the last time.
  #bytes = 0;

  /** @param progress called when it went on in a later turn */
  constructor(sink: ChunkSink, progress: () => void) {
    this.#sink = sink;
    this.#progress = progress;
  }

  /** Whether it waits for room. */
  get waiting(): boolean {
    return this.#done !== undefined && !this.#resting;
  }

  /** @param done called once, when all is taken or a write has failed; at once where that is so at once */
  add(data: readonly Uint8Array[], done: Done): void {
    this.#rest = data;
    this.#done = done;
    this.goOn();
  }

  /** Nothing will be taken any more. */
  clear(): void {
    this.#done = undefined;
    this.#rest = nothing;
  }

  /** There may be room. */
  goOn(): void {
    if (this.#done === undefined || this.#resting) return;
    let error: Error | undefined;
    try {
      if (!this.#flush()) return;
    } catch (reason) {
      error = reason as Error;
    }
    const done = this.#done;
    this.#done = undefined;
    this.#rest = nothing;
    done(error);
  }

  #flush(): boolean {
    for (;;) {
      const [only] = this.#rest;
      if (only === undefined) return true;
      const count = this.#rest.length === 1 ? this.#sink.takenWrite(only) : this.#sink.takenWritev(this.#rest);
      this.#bytes = count === null ? 0 : this.#bytes + count;
      if (count === null) return false;
      this.#rest = this.#rest.length === 1 && count === byteLengthOf(only) ? nothing : afterBytes(this.#rest, count);
      if (this.#bytes >= bytesPerTurn) return this.#pause();
    }
  }

  #pause(): false {
    this.#bytes = 0;
    this.#resting = true;
    setImmediate(() => {
      this.#resting = false;
      this.goOn();
      this.#progress();
    });
    return false;
  }
}
