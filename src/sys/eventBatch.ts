import { EpollEventBuffer, eventMemory } from './epollEventBuffer.ts';
import type { FixedMemory } from './ffi/foreign.ts';

/**
 * Memory for waits that are made over and over, read without a check per event: the reactor's. A number that is a word
 * here is signed, so that V8 holds it without an object of its own.
 */
export class EventBatch {
  readonly buffer: EpollEventBuffer;
  readonly memory: FixedMemory;
  /** The events, laid out as `epollEventLayout` says. */
  readonly words: Int32Array;

  constructor(capacity: number) {
    this.buffer = new EpollEventBuffer(capacity);
    this.memory = eventMemory(this.buffer);
    this.words = new Int32Array(this.memory.view.buffer);
  }
}
