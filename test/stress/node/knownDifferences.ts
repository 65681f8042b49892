import type { Side } from './nodeTest.ts';

/** One of Node's tests that fails with our sockets and passes with the control. */
export interface KnownDifference {
  readonly test: string;
  /** Both, where it is left out. */
  readonly side?: Side;
  readonly reason: string;
}

/** Those that ask for what is of `net.Socket` alone, and those whose wording is Node's. */
export const knownDifferences: readonly KnownDifference[] = [];
