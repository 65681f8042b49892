import type { Verbs } from '../rig.ts';
import { parseDurationNs } from '../vocabulary.ts';

const never = new Int32Array(new SharedArrayBuffer(4));
const joinLimitSeconds = 15;

/** Time and the other threads. */
export const threadVerbs: Verbs = {
  sleep: (call) => {
    Atomics.wait(never, 0, 0, parseDurationNs(call.word(0)) / 1e6);
    return { ret: 0 };
  },
  join: (call, { board }) => {
    const limitMs = 1000 * Number(call.option('limit') ?? joinLimitSeconds);
    return board.join(call.word(0), limitMs) ? { ret: 0 } : { ret: -1, errno: 'STUCK' };
  },
  barrier: () => ({ ret: 0 }),
  epgone: () => ({ ret: 0 }),
};
