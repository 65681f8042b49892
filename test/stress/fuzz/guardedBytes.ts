const margin = 64;
const mark = 0xa5;

/**
 * Memory with marked bytes around it: a call that writes beyond what it was given is seen, whether it crashes or not.
 */
export class GuardedBytes {
  #made: Uint8Array<ArrayBuffer>[] = [];

  make(length: number): Uint8Array {
    const whole = new Uint8Array(length + 2 * margin).fill(mark);
    this.#made.push(whole);
    return whole.subarray(margin, margin + length).fill(0);
  }

  /** What was made since the last time. */
  take(): readonly Uint8Array<ArrayBuffer>[] {
    const made = this.#made;
    if (made.length > 0) this.#made = [];
    return made;
  }
}

/** What is wrong with memory that was made by `GuardedBytes.make`; undefined where nothing is. */
export function damage(made: readonly Uint8Array[]): string | undefined {
  for (const whole of made) {
    // One that was transferred away has no bytes left.
    for (let at = 0; at < whole.length; at++) {
      if (at === margin) at = whole.length - margin;
      if (whole[at] !== mark) return `wrote beyond its memory, at ${at - margin} of ${whole.length - 2 * margin} bytes`;
    }
  }
  return undefined;
}
