import type { Interest } from 'epoll-ts';

/**
 * Something that a program does with a reactor, as plain data. `at` is one of a few places, each of which holds a file
 * with its registration, or nothing; an action that makes no sense there and then does nothing.
 */
export type Action = FileAction | RegistrationAction | { readonly do: 'turn' | 'throw' | 'wake' };

/** Something that is done at a place with its file. */
export type FileAction =
  | { readonly do: 'open'; readonly at: number; readonly initial: number; readonly plain: boolean }
  | { readonly do: 'register'; readonly at: number; readonly interest: number; readonly handled: boolean }
  | { readonly do: 'write' | 'write elsewhere' | 'drain'; readonly at: number }
  | { readonly do: 'close file' | 'leave file' | 'leave copy'; readonly at: number };

/** Something that is done with the registration of a place. */
export type RegistrationAction =
  | { readonly do: 'modify'; readonly at: number; readonly interest: number }
  | { readonly do: 'rearm' | 'close registration' | 'abort'; readonly at: number }
  | { readonly do: 'await'; readonly at: number; readonly writable: boolean };

/**
 * A program: what it does at first, and what its handlers do, one after another as they are called; then they drain.
 */
export interface Program {
  readonly maxevents: number;
  /** Whether `turn(0)` is called, in place of the host's loop. */
  readonly blocking: boolean;
  readonly actions: readonly Action[];
  readonly reactions: readonly (readonly Action[])[];
}

/** The interests that `register` and `modify` choose from. */
export const interests: readonly Interest[] = [
  { readable: true },
  { readable: true, trigger: 'edge' },
  { readable: true, trigger: 'oneshot' },
  { readable: true, trigger: 'edge-oneshot' },
  { readable: true, writable: true },
  { readable: true, writable: true, trigger: 'edge' },
  { readable: true, writable: true, trigger: 'oneshot' },
  { writable: true, trigger: 'oneshot' },
  { readable: true, exclusive: true },
];

/** How many places there are. */
export const places = 5;
