import { isReadable } from '../../../index.ts';
import { type UdpAddress, UdpSocket } from '../../../net/index.ts';
import {
  EPOLLERR,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  errnoName,
  getsockopt,
  SO_ERROR,
  SOL_SOCKET,
} from '../../../sys/index.ts';
import { errnoOf } from '../errnoOf.ts';
import type { Detail } from '../event.ts';
import type { Host, Source } from '../host.ts';
import { formatHostPort } from '../hostPort.ts';
import { openedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { preview, previewBytes } from '../preview.ts';
import { resolve } from '../resolve.ts';
import type { UdpSpec } from '../sourceSpec.ts';

const mostPerEvent = 256;
// No datagram is longer.
const mostBytes = 65_536;

/** `udp:HOST:PORT`: reports each datagram by its sender; with `--echo` sends it back. */
export async function openUdp(spec: UdpSpec, host: Host): Promise<Source> {
  return openedSource(spec, host, new UdpSocket(await resolve(spec.address)), (socket) => {
    const receiver = new Receiver(socket, host);
    return {
      address: formatHostPort(socket.localAddress),
      events: host.options.events ?? EPOLLIN,
      ready: (mask) => receiver.ready(mask),
    };
  });
}

class Receiver {
  readonly #socket: UdpSocket;
  readonly #host: Host;
  readonly #buffer = new Uint8Array(mostBytes);

  constructor(socket: UdpSocket, host: Host) {
    this.#socket = socket;
    this.#host = host;
  }

  ready(mask: number): Outcome {
    const drain = (this.#host.options.trigger & EPOLLET) !== 0;
    const datagrams: Detail[] = [];
    while (isReadable(mask) && datagrams.length < (drain ? mostPerEvent : 1)) {
      const datagram = this.#take();
      if (datagram === null) break;
      datagrams.push(datagram);
    }
    // Reading the error clears it.
    const error = (mask & EPOLLERR) === 0 ? {} : { error: this.#pendingError() };
    const standing = datagrams.length === 0 || (mask & EPOLLOUT) !== 0;
    const full = datagrams.length === mostPerEvent;
    return { detail: { datagrams, ...error }, next: standing ? 'standing' : full ? 'more' : 'drained' };
  }

  #take(): Detail | null {
    let received;
    try {
      received = this.#socket.tryReceive(this.#buffer);
    } catch (error) {
      return { from: '', error: errnoName(errnoOf(error)) };
    }
    if (received === null) return null;
    const { bytes, from } = received;
    const shown = preview(this.#buffer.slice(0, Math.min(bytes, previewBytes)), bytes);
    return { from: formatHostPort(from), ...shown, ...this.#echo(this.#buffer.subarray(0, bytes), from) };
  }

  // A full send buffer or an unreachable sender costs the datagram, as on any way of a datagram.
  #echo(data: Uint8Array, to: UdpAddress): Detail {
    if (!this.#host.options.echo) return {};
    try {
      return this.#socket.trySend(data, to) ? {} : { error: 'EAGAIN' };
    } catch (error) {
      return { error: errnoName(errnoOf(error)) };
    }
  }

  #pendingError(): string {
    const value = new Int32Array(1);
    getsockopt(this.#socket.fd, SOL_SOCKET, SO_ERROR, new Uint8Array(value.buffer));
    return errnoName(value[0] ?? 0);
  }
}
