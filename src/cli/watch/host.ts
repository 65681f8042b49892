import type { FdLike } from '../../index.ts';
import type { WatchOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import type { SourceSpec } from './sourceSpec.ts';
import type { Watch } from './watch.ts';

/** What a source wants to be watched. */
export interface WatchRequest {
  readonly spec: SourceSpec;
  readonly target: FdLike;
  /** What for; without trigger bits. */
  readonly events: number;
  /** Takes what there is. Called for each event with what the kernel reported. */
  readonly ready: (mask: number) => Outcome;
  /** Called once: after the outcome `'end'`, or when the watch failed. */
  readonly ended: () => void;
}

/** What sources may use of the command that runs them. */
export interface Host {
  readonly options: WatchOptions;
  /** The descriptors of the runtime itself, which nobody else may read. */
  readonly runtimeDescriptors: ReadonlySet<number>;
  /** @throws {SystemError} EPERM, … as `Reactor.register` */
  watch(request: WatchRequest): Watch;
  /** Says something that is no event. */
  note(spec: SourceSpec, text: string): void;
  /** Closes a source that can give no more event. */
  finish(spec: SourceSpec): void;
}

/** A source that is open. */
export interface Source {
  readonly watch: Watch;
  /** Where it listens, if it was not said in full. */
  readonly address?: string;
  /** Closes everything it opened. Called once. */
  close(): void;
}
