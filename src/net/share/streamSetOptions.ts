import { milliseconds } from '../../fd/milliseconds.ts';
import { aBoolean, anInteger } from '../../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../../sys/optionsReader.ts';
import type { StreamSetInterest } from './oneShotMask.ts';
import { stopTag } from './sharedList.ts';

/** How a stream is added to a `StreamSet`. */
export interface StreamSetAddOptions extends StreamSetInterest {
  /** A number from 0 to 4294967294 that comes with the stream each time. 0 by default. */
  readonly tag?: number;
}

/** How `StreamSet.take` waits. */
export interface StreamSetTakeOptions {
  /** Milliseconds; 0 does not wait. For ever by default. */
  readonly timeoutMs?: number;
}

/** @throws {TypeError | RangeError} for a wrong option */
export const readAddOptions: OptionsReader<StreamSetAddOptions> = optionsReader<StreamSetAddOptions>(
  'add',
  '{ tag: 1 }',
  { readable: aBoolean, writable: aBoolean, tag: anInteger(0, stopTag - 1) },
);

/** @throws {TypeError | RangeError} for a wrong option */
export const readTakeOptions: OptionsReader<StreamSetTakeOptions> = optionsReader<StreamSetTakeOptions>(
  'take',
  '{ timeoutMs: 100 }',
  { timeoutMs: milliseconds },
);
