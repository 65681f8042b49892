import type { ByteStream } from '../../../net/index.ts';
import {
  EAGAIN,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  errnoName,
  MSG_DONTWAIT,
  MSG_OOB,
  recv,
} from '../../../sys/index.ts';
import { errnoOf } from '../errnoOf.ts';
import type { Detail } from '../event.ts';
import type { Host } from '../host.ts';
import type { Outcome } from '../outcome.ts';
import { preview } from '../preview.ts';
import { readingDetail, nextAfter, readReady } from '../reading.ts';
import type { TcpSpec, UnixSpec } from '../sourceSpec.ts';
import type { Watch } from '../watch.ts';

/** What a connection needs. */
export interface ConnectionParts {
  readonly spec: TcpSpec | UnixSpec;
  readonly host: Host;
  readonly stream: ByteStream;
  /** Who is at the other end, to be shown. */
  readonly peer: string;
  closed(connection: Connection): void;
}

/**
 * An accepted connection: drained and reported; with `--echo` sent back what it sends. While the peer does not take its
 * echo, it is watched for EPOLLOUT instead and not read, so that at most 64 KiB wait here. After the peer's end the
 * rest of the echo is sent, then the connection is closed.
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #watch: Watch;
  readonly #events: number;
  // Read, and still to be sent back.
  #pending: Uint8Array = new Uint8Array(0);

  /** Takes the stream over. @throws {SystemError} when it can't be watched; it is closed then */
  constructor(parts: ConnectionParts) {
    const { spec, host, stream } = parts;
    this.#parts = parts;
    this.#events = host.options.events ?? EPOLLIN | EPOLLRDHUP;
    try {
      this.#watch = host.watch({
        spec,
        target: stream,
        events: this.#events,
        ready: (mask) => this.#ready(mask),
        ended: () => this.close(),
      });
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  close(): void {
    this.#watch.close();
    this.#parts.stream.close();
    this.#parts.closed(this);
  }

  #ready(mask: number): Outcome {
    const { peer } = this.#parts;
    if (this.#pending.length > 0) return this.#flush();
    const { stream } = this.#parts;
    const { echo, trigger } = this.#parts.host.options;
    let failure: string | null = null;
    const sink = (bytes: Uint8Array): boolean => {
      failure = this.#send(bytes);
      return failure === null && this.#pending.length === 0;
    };
    const urgent = (mask & EPOLLPRI) === 0 ? {} : urgentByte(stream.fd);
    const read = (buffer: Uint8Array): number => answerOf(() => stream.tryRead(buffer));
    const reading = readReady(read, { mask, trigger, ...(echo ? { sink } : {}) });
    const detail = { peer, ...urgent, ...readingDetail(reading) };
    if (failure !== null) return { detail: { ...detail, error: failure }, next: 'end' };
    if (this.#pending.length > 0) {
      this.#watch.change({ events: EPOLLOUT });
      return { detail, next: 'drained' };
    }
    const taken = 'urgent' in urgent;
    const next = nextAfter(reading, mask);
    return { detail, next: taken && next === 'standing' ? 'drained' : next };
  }

  #flush(): Outcome {
    const { peer } = this.#parts;
    const before = this.#pending.length;
    const failure = this.#send(this.#pending);
    if (failure !== null) return { detail: { peer, error: failure }, next: 'end' };
    const echoed = before - this.#pending.length;
    if (this.#pending.length === 0) this.#watch.change({ events: this.#events });
    return { detail: { peer, echoed }, next: echoed > 0 ? 'drained' : 'standing' };
  }

  // Sends what the socket takes, and keeps the rest. Answers the error's name.
  #send(bytes: Uint8Array): string | null {
    let rest = bytes;
    while (rest.length > 0) {
      const count = answerOf(() => this.#parts.stream.tryWrite(rest));
      if (count === -EAGAIN) break;
      if (count < 0) return errnoName(count);
      rest = rest.subarray(count);
    }
    // A copy: the memory is the reader's.
    this.#pending = rest.slice();
    return null;
  }
}

function answerOf(tried: () => number | null): number {
  try {
    return tried() ?? -EAGAIN;
  } catch (error) {
    return errnoOf(error);
  }
}

function urgentByte(fd: number): Detail {
  const byte = new Uint8Array(1);
  if (recv(fd, byte, MSG_OOB | MSG_DONTWAIT) !== 1) return {};
  return { urgent: preview(byte, 1)['text'] ?? null };
}
