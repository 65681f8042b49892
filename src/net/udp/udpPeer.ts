import { SystemError } from '../../fd/systemError.ts';
import { describe } from '../../sys/argument.ts';
import { EADDRNOTAVAIL } from '../../sys/index.ts';
import { inetAddress } from '../address/inetAddress.ts';
import { aHost, resolve } from '../address/resolve.ts';

/** Where a datagram goes: an IP address and a port, such as the `from` of one that was received. */
export interface UdpAddress {
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** A host: an IP address as `UdpAddress` has it, or a name, which `node:dns` resolves. */
export type UdpPeer = UdpAddress | { readonly host: string; readonly port: number };

/**
 * The address of a peer: the first of a name.
 *
 * @throws (as a rejection) {TypeError | RangeError} for a wrong peer; Node's own error of the resolver; the signal's
 *   reason
 */
export async function resolvedPeer(peer: UdpPeer, family: 4 | 6, signal: AbortSignal | undefined): Promise<UdpAddress> {
  if (typeof peer !== 'object' || peer === null) {
    throw new TypeError(`Cannot send as the address must be an object: current value is ${describe(peer)}`);
  }
  if (!('host' in peer)) return peer;
  const { port } = peer;
  const host = aHost(peer.host, 'host', 'send');
  // A socket for IPv4 has no use for other addresses; one for IPv6 takes both.
  const [first] = await resolve({ host, port, ...(family === 4 ? { family } : {}) }, signal);
  if (first === undefined) throw new SystemError(-EADDRNOTAVAIL, 'sendto', {}, 'the resolver gave no address');
  // With its zone, without which a link-local address is none.
  return { address: inetAddress(first)?.address ?? first.address, port };
}
