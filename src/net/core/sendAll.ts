import type { TurnBudget } from '../../reactor/turnBudget.ts';
import { byteLengthOf, bytes, bytesOf } from '../../sys/argument.ts';
import { IOV_MAX } from '../../sys/index.ts';

// To tell C of a buffer costs some 500 ns more than to copy one of 16 bytes: 600,000 small writes were 2.5 times as
// slow.
const smallBytes = 1024;
const gathered = new Uint8Array(65_536);

/** Where bytes go: how many were taken, null where it would wait. It keeps no memory that it was given. */
export interface ByteSink {
  write(data: Uint8Array): number | null;
  /** Of at most 1024 buffers. Without it they go one by one. */
  writev?(data: readonly Uint8Array[]): number | null;
}

/**
 * What stopped the sending: `'sent'`, that all is; `'full'`, that the kernel has no room; `'spent'`, that this turn's
 * share is used up.
 */
export type Sent = 'sent' | 'full' | 'spent';

/**
 * The buffers of one write on their way to the kernel, in order. Costs the same per buffer however many there are.
 *
 * The memory stays the caller's. Where it is transferred away before all of it was sent, that is an error, never a
 * success.
 */
export class Outgoing {
  readonly #buffers: readonly Uint8Array[];
  readonly #length: number;
  // The first buffer that was not sent, and how much of it was.
  #next = 0;
  #offset = 0;
  #sent = 0;

  /**
   * @param buffers empty ones are left out
   * @throws {TypeError} for anything but Uint8Arrays, and for memory that was transferred already
   */
  constructor(buffers: readonly Uint8Array[]) {
    let length = 0;
    let empty = false;
    for (const buffer of buffers) {
      const count = byteLengthOf(bytes(buffer, 'data'));
      length += count;
      empty ||= count === 0;
    }
    this.#length = length;
    // From here on, a buffer without bytes is one that has lost them.
    this.#buffers = empty ? buffers.filter((buffer) => byteLengthOf(buffer) > 0) : buffers;
  }

  /** How many bytes there are in all. */
  get length(): number {
    return this.#length;
  }

  /** How many of them the kernel has taken. */
  get sent(): number {
    return this.#sent;
  }

  /**
   * Sends as much as the kernel takes, and the budget allows.
   *
   * @throws {TypeError} when memory was transferred, or shrunk, that is not sent yet
   * @throws what the sink throws
   */
  send(sink: ByteSink, budget: TurnBudget): Sent {
    while (this.#sent < this.#length) {
      if (budget.usedUp) return 'spent';
      const count = this.#step(sink);
      if (count === null) {
        budget.renew();
        return 'full';
      }
      this.#advance(count);
      budget.spend(count);
    }
    return 'sent';
  }

  #step(sink: ByteSink): number | null {
    const first = this.#first();
    if (sink.writev === undefined || this.#next === this.#buffers.length - 1) return sink.write(first);
    const vector = this.#buffers.slice(this.#next, this.#next + IOV_MAX);
    vector[0] = first;
    let length = 0;
    for (const buffer of vector) {
      const count = byteLengthOf(buffer);
      if (count === 0) this.#refuse();
      length += count;
    }
    if (length > gathered.length || length > vector.length * smallBytes) return sink.writev(vector);
    return sink.write(gather(vector, length));
  }

  #first(): Uint8Array {
    const buffer = this.#buffers[this.#next];
    if (buffer === undefined || byteLengthOf(buffer) <= this.#offset) return this.#refuse();
    return this.#offset === 0 ? buffer : bytesOf(buffer, this.#offset);
  }

  #advance(count: number): void {
    this.#sent += count;
    this.#offset += count;
    for (; this.#next < this.#buffers.length; this.#next++) {
      const length = byteLengthOf(this.#buffers[this.#next] as Uint8Array);
      if (this.#offset < length) return;
      this.#offset -= length;
    }
  }

  #refuse(): never {
    const state = `${this.#sent} of ${this.#length} bytes were sent`;
    throw new TypeError(`Cannot send the rest as its memory must not be transferred before it is sent: ${state}`);
  }
}

// What a sink does with it, it does at once: the memory is used again.
function gather(vector: readonly Uint8Array[], length: number): Uint8Array {
  let offset = 0;
  for (const buffer of vector) {
    gathered.set(buffer, offset);
    offset += byteLengthOf(buffer);
  }
  return bytesOf(gathered, 0, length);
}

/** How `sendAll` waits. */
export interface SendWaits {
  readonly budget: TurnBudget;
  /** Resolves when there may be room; rejects to give up. */
  untilRoom(): Promise<unknown>;
  /** Heeded before each call of the kernel, as `untilRoom` heeds it while it waits. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes, each time that the kernel has taken some. */
  progress?(bytes: number): void;
}

/**
 * Sends all of it, waiting for room as often as needed.
 *
 * @throws (as a rejection) what `Outgoing.send` and `untilRoom` throw; the signal's reason
 */
export async function sendAll(outgoing: Outgoing, sink: ByteSink, waits: SendWaits): Promise<void> {
  const { budget, signal } = waits;
  for (;;) {
    signal?.throwIfAborted();
    const before = outgoing.sent;
    const state = outgoing.send(sink, budget);
    if (outgoing.sent > before) waits.progress?.(outgoing.sent - before);
    if (state === 'sent') break;
    await (state === 'full' ? waits.untilRoom() : budget.rest());
  }
  // A loop of writes that all succeed at once must let others have their turn, too.
  if (budget.usedUp) await budget.rest();
}
