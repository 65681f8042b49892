import { isReadable } from '../../../index.ts';
import {
  EAGAIN,
  EINTR,
  encodeSockaddr,
  EPOLLERR,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  errnoName,
  MSG_NOSIGNAL,
  recvfrom,
  sendto,
  SO_ERROR,
  SOCK_DGRAM,
  SockaddrBuffer,
  SOL_SOCKET,
  getsockopt,
} from '../../../sys/index.ts';
import type { Detail } from '../event.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { preview, previewBytes } from '../preview.ts';
import { boundAddress, formatAddress, resolve } from '../socketAddress.ts';
import type { UdpSpec } from '../sourceSpec.ts';
import { bindTo, internetSocket } from './tcp.ts';

const mostPerEvent = 256;
// No datagram is longer.
const buffer = new Uint8Array(65_536);

/** `udp:HOST:PORT`: reports each datagram by its sender; with `--echo` sends it back. */
export async function openUdp(spec: UdpSpec, host: Host): Promise<Source> {
  const { descriptor, address } = internetSocket(await resolve(spec.address), SOCK_DGRAM);
  return openedSource(spec, host, descriptor, () => {
    bindTo(descriptor, address, spec);
    return {
      address: boundAddress(descriptor.fd),
      events: host.options.events ?? EPOLLIN,
      ready: (mask) => ready(descriptor.fd, mask, host),
    };
  });
}

function ready(fd: number, mask: number, host: Host): Outcome {
  const drain = (host.options.trigger & EPOLLET) !== 0;
  const datagrams: Detail[] = [];
  while (isReadable(mask) && datagrams.length < (drain ? mostPerEvent : 1)) {
    const datagram = take(fd, host.options.echo);
    if (datagram === null) break;
    datagrams.push(datagram);
  }
  // Reading the error clears it.
  const error = (mask & EPOLLERR) === 0 ? {} : { error: pendingError(fd) };
  const standing = datagrams.length === 0 || (mask & EPOLLOUT) !== 0;
  const full = datagrams.length === mostPerEvent;
  return { detail: { datagrams, ...error }, next: standing ? 'standing' : full ? 'more' : 'drained' };
}

function take(fd: number, echo: boolean): Detail | null {
  const from = new SockaddrBuffer();
  let count = recvfrom(fd, buffer, 0, from);
  while (count === -EINTR) count = recvfrom(fd, buffer, 0, from);
  if (count === -EAGAIN) return null;
  const sender = from.decode();
  if (count < 0 || sender === null) return { from: formatAddress(sender), error: errnoName(count) };
  const detail = { from: formatAddress(sender), ...preview(buffer.slice(0, Math.min(count, previewBytes)), count) };
  if (!echo) return detail;
  // A full send buffer or an unreachable sender costs the datagram, as on any way of a datagram.
  const sent = sendto(fd, buffer.subarray(0, count), MSG_NOSIGNAL, encodeSockaddr(sender));
  return sent < 0 ? { ...detail, error: errnoName(sent) } : detail;
}

function pendingError(fd: number): string {
  const value = new Int32Array(1);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, new Uint8Array(value.buffer));
  return errnoName(value[0] ?? 0);
}
