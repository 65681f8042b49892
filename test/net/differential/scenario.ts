import type { Meeting, MeetingOptions, Transport } from './meeting.ts';

/** What a scenario is handed. */
export interface Stage extends Meeting {
  /** Records a line: of what has happened, in order. */
  readonly log: (entry: unknown) => void;
  /** Resolves at the socket's event, from the beginning on. */
  readonly closed: Promise<unknown>;
  readonly finished: Promise<unknown>;
}

/**
 * Something that is done with a socket, and what is recorded of it. Only what is guaranteed may be recorded: bytes come
 * in chunks that the kernel chooses, and what two sockets see has no order.
 */
export interface Scenario {
  readonly name: string;
  readonly options?: MeetingOptions;
  /** Both kinds of socket, where nothing is said. */
  readonly only?: Transport;
  /** Which end is looked at: the accepted one, where nothing is said. */
  readonly end?: 'connected';
  readonly run: (stage: Stage) => Promise<void>;
}
