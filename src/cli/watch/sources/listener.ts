import type { ByteStream, Listener } from '../../../net/index.ts';
import { EMFILE, ENFILE, ENOBUFS, ENOMEM, EPOLLET, EPOLLIN, errnoName } from '../../../sys/index.ts';
import { errnoOf } from '../errnoOf.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import type { TcpSpec, UnixSpec } from '../sourceSpec.ts';
import { Connection } from './connection.ts';

// The connection stays in the queue, and the socket readable, until there is room.
const exhausted: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM].map((errno) => -errno));
const mostPerEvent = 1024;

/** A listener, and how it is shown. */
export interface ListenerParts<S extends ByteStream> {
  readonly spec: TcpSpec | UnixSpec;
  readonly host: Host;
  readonly listener: Listener<S>;
  /** Where it listens. */
  readonly address: () => string;
  /** Who is at the other end of an accepted connection. */
  readonly peerOf: (stream: S) => string;
}

/** Watches a listener, and each connection that comes in. */
export function openListener<S extends ByteStream>(parts: ListenerParts<S>): Source {
  const { spec, host, listener, address } = parts;
  const acceptor = new Acceptor(parts);
  const source = openedSource(spec, host, listener, () => ({
    address: address(),
    events: EPOLLIN,
    ready: () => acceptor.ready(),
    onClose: () => acceptor.close(),
  }));
  acceptor.onRoom = () => source.watch.wake();
  return source;
}

class Acceptor<S extends ByteStream> {
  readonly #parts: ListenerParts<S>;
  readonly #connections = new Set<Connection>();
  #refused: number | null = null;
  /** Called when a connection was closed after one could not be accepted. */
  onRoom: () => void = () => {};

  constructor(parts: ListenerParts<S>) {
    this.#parts = parts;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  // Level-triggered one connection for each event; edge-triggered, where no further event would tell of the others,
  // all.
  ready(): Outcome {
    const drain = (this.#parts.host.options.trigger & EPOLLET) !== 0;
    const accepted: string[] = [];
    while (accepted.length < (drain ? mostPerEvent : 1)) {
      let stream: S | null;
      try {
        stream = this.#parts.listener.tryAccept();
      } catch (error) {
        return this.#refuse(errnoOf(error), accepted);
      }
      if (stream === null) return { detail: { accepted }, next: 'drained' };
      this.#refused = null;
      accepted.push(this.#connect(stream));
    }
    return { detail: { accepted }, next: 'more' };
  }

  #connect(stream: S): string {
    const { spec, host, peerOf } = this.#parts;
    const peer = peerOf(stream);
    const closed = (connection: Connection): void => {
      this.#connections.delete(connection);
      if (this.#refused !== null) this.onRoom();
    };
    this.#connections.add(new Connection({ spec, host, stream, peer, closed }));
    return peer;
  }

  #refuse(answer: number, accepted: readonly string[]): Outcome {
    const first = this.#refused !== answer;
    this.#refused = answer;
    const detail = { accepted, error: errnoName(answer) };
    // What is refused for ever, as by a sandbox, ends the source.
    if (!exhausted.has(answer)) return { detail, next: 'end' };
    return { detail: first || accepted.length > 0 ? detail : null, next: 'retry' };
  }
}
