import { describe } from '../../sys/argument.ts';
import { AF_INET, AF_INET6, encodeSockaddr } from '../../sys/index.ts';
import { inetSockaddr } from '../address/inetAddress.ts';
import type { UdpAddress } from './udpPeer.ts';

/** The last destination of a socket, and its encoding: most programs send to the same one many times. */
export class Destination {
  readonly #family: 4 | 6;
  #address = '';
  #port = -1;
  #encoded: Uint8Array = new Uint8Array(0);

  /** @param family of the socket */
  constructor(family: 4 | 6) {
    this.#family = family;
  }

  /**
   * An address as the socket takes it: one for IPv6 reaches IPv4 by mapped addresses, `::ffff:192.0.2.1`.
   *
   * @throws {TypeError | RangeError} for a wrong address or port, and for IPv6 on a socket for IPv4
   */
  encoded({ address, port }: UdpAddress): Uint8Array {
    if (this.#address === address && this.#port === port) return this.#encoded;
    this.#encoded = encodedFor(address, port, this.#family);
    [this.#address, this.#port] = [address, port];
    return this.#encoded;
  }
}

function encodedFor(address: string, port: number, family: 4 | 6): Uint8Array {
  const to = inetSockaddr(address, port);
  if (family === 4 && to.family === AF_INET6) {
    const value = describe(address);
    throw new TypeError(`Cannot use 'address' as it must be IPv4, as the socket is: current value is ${value}`);
  }
  return encodeSockaddr(family === 6 && to.family === AF_INET ? inetSockaddr(`::ffff:${address}`, port) : to);
}
