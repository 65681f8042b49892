import fc from 'fast-check';
import { type Action, interests, places, type Program } from './action.ts';

const at = fc.nat(places - 1);
const interest = fc.nat(interests.length - 1);

// With the usual prototype, so that a counterexample reads as it would be written.
function record<T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(members, { noNullPrototype: true });
}

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: record({ do: fc.constant('open' as const), at, initial: fc.nat(1), plain: fc.boolean() }),
  },
  { weight: 8, arbitrary: record({ do: fc.constant('register' as const), at, interest, handled: fc.boolean() }) },
  { weight: 2, arbitrary: record({ do: fc.constant('modify' as const), at, interest }) },
  {
    weight: 6,
    arbitrary: record({
      do: fc.constantFrom('write' as const, 'write' as const, 'write elsewhere' as const, 'drain' as const),
      at,
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      do: fc.constantFrom(
        'rearm' as const,
        'rearm' as const,
        'rearm' as const,
        'close registration' as const,
        'abort' as const,
      ),
      at,
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constantFrom('close file' as const, 'close file' as const, 'leave file' as const, 'leave copy' as const),
      at,
    }),
  },
  { weight: 2, arbitrary: record({ do: fc.constant('await' as const), at, writable: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: record({ do: fc.constantFrom('turn' as const, 'turn' as const, 'throw' as const, 'wake' as const) }),
  },
);

/** Any program. */
export const anyProgram: fc.Arbitrary<Program> = record({
  maxevents: fc.constantFrom(1, 2, 3, 256),
  blocking: fc.boolean(),
  actions: fc.array(action, { minLength: 1, maxLength: 40, size: 'max' }),
  reactions: fc.array(fc.array(action, { maxLength: 4 }), { maxLength: 20, size: 'max' }),
});
