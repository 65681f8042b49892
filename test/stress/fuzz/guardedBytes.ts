const margin = 64;
const mark = 0xa5;

/** Memory with marked bytes around it: a call that writes beyond what it was given is seen, whether it crashes or not. */
export class GuardedBytes {
  #made: Uint8Array[] = [];

  make(length: number): Uint8Array {
    const whole = new Uint8Array(length + 2 * margin).fill(mark);
    this.#made.push(whole);
    return whole.subarray(margin, margin + length).fill(0);
  }

  /** Looks at all that was made since the last look. @throws {Error} when a mark is gone */
  check(): void {
    const made = this.#made;
    if (made.length === 0) return;
    this.#made = [];
    for (const whole of made) {
      // One that was transferred away has no bytes left.
      for (let at = 0; at < whole.length; at++) {
        if (at === margin) at = whole.length - margin;
        if (whole[at] !== mark)
          throw new Error(`A call wrote beyond its memory, at ${at - margin} of ${whole.length - 2 * margin} bytes`);
      }
    }
  }
}
