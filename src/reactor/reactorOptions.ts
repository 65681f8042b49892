import { anAbortSignal, anInteger } from '../sys/optionKind.ts';
import { type OptionsReader, optionsReader } from '../sys/optionsReader.ts';

/** How a reactor is made. */
export interface ReactorOptions {
  /**
   * The most events that one turn takes from the kernel. 256 by default; what is left comes with the next turn, in
   * turn.
   */
  readonly maxevents?: number;
}

/** @throws {TypeError | RangeError} for a wrong option */
export const readReactorOptions: OptionsReader<ReactorOptions> = optionsReader<ReactorOptions>(
  'create a Reactor',
  '{ maxevents: 256 }',
  { maxevents: anInteger(1, 65_536) },
);

/** How `Reactor.run` is ended. */
export interface RunOptions {
  /** Aborted in a handler, it ends the run: nothing else runs meanwhile. */
  readonly signal?: AbortSignal;
}

/** @throws {TypeError} for a wrong option */
export const readRunOptions: OptionsReader<RunOptions> = optionsReader<RunOptions>('run', '{ signal }', {
  signal: anAbortSignal,
});
