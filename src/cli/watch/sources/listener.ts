import {
  accept4,
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EPERM,
  EPOLLET,
  EPOLLIN,
  errnoName,
  type Sockaddr,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SockaddrBuffer,
} from '../../../sys/index.ts';
import { Descriptor } from '../descriptor.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import type { TcpSpec, UnixSpec } from '../sourceSpec.ts';
import { Connection } from './connection.ts';

// What accept(2) answers for a connection that has gone, or that a firewall refuses: the next one may be there.
const passing: ReadonlySet<number> = new Set([-EINTR, -ECONNABORTED, -EPERM]);
const mostPerEvent = 1024;

/** How a listening socket is set up. */
export interface ListenerParts {
  readonly spec: TcpSpec | UnixSpec;
  readonly host: Host;
  readonly socket: Descriptor;
  /** Binds and listens; answers where. */
  readonly listen: () => string;
  /** Who is at the other end of an accepted connection, to be shown. */
  readonly peerOf: (fd: number, address: Sockaddr | null) => string;
  readonly onClose?: () => void;
}

/** Watches a listening socket, and each connection that comes in. */
export function openListener(parts: ListenerParts): Source {
  const { spec, host, socket, onClose } = parts;
  const acceptor = new Acceptor(parts);
  const source = openedSource(spec, host, socket, () => ({
    address: parts.listen(),
    events: EPOLLIN,
    ready: () => acceptor.ready(),
    onClose: () => {
      acceptor.close();
      onClose?.();
    },
  }));
  acceptor.onRoom = () => source.watch.wake();
  return source;
}

class Acceptor {
  readonly #parts: ListenerParts;
  readonly #connections = new Set<Connection>();
  readonly #address = new SockaddrBuffer();
  #refused: number | null = null;
  /** Called when a connection was closed after one could not be accepted. */
  onRoom: () => void = () => {};

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  // Level-triggered one connection for each event; edge-triggered, where no further event would tell of the others, all.
  ready(): Outcome {
    const drain = (this.#parts.host.options.trigger & EPOLLET) !== 0;
    const accepted: string[] = [];
    while (accepted.length < (drain ? mostPerEvent : 1)) {
      const fd = accept4(this.#parts.socket.fd, this.#address, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (passing.has(fd)) continue;
      if (fd === -EAGAIN) return { detail: { accepted }, next: 'drained' };
      if (fd < 0) return this.#refuse(fd, accepted);
      this.#refused = null;
      accepted.push(this.#connect(fd));
    }
    return { detail: { accepted }, next: 'more' };
  }

  #connect(fd: number): string {
    const { spec, host, peerOf } = this.#parts;
    const peer = peerOf(fd, this.#address.decode());
    const closed = (connection: Connection): void => {
      this.#connections.delete(connection);
      if (this.#refused !== null) this.onRoom();
    };
    this.#connections.add(new Connection({ spec, host, socket: new Descriptor(fd), peer, closed }));
    return peer;
  }

  // EMFILE, ENFILE, ENOBUFS, ENOMEM: the connection stays in the queue, and the socket readable, until there is room.
  #refuse(answer: number, accepted: readonly string[]): Outcome {
    const first = this.#refused !== answer;
    this.#refused = answer;
    const detail = { accepted, error: errnoName(answer) };
    return { detail: first || accepted.length > 0 ? detail : null, next: 'retry' };
  }
}
