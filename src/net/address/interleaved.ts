import type { SockaddrIn, SockaddrIn6 } from '../../sys/index.ts';

/**
 * Addresses in the order in which they are tried (RFC 8305, section 4): that of the resolver, the families in turn, so
 * that one whose packets are lost does not hold up the other.
 */
export function interleaved(addresses: readonly (SockaddrIn | SockaddrIn6)[]): readonly (SockaddrIn | SockaddrIn6)[] {
  const [first] = addresses;
  const preferred = addresses.filter(({ family }) => family === first?.family);
  const others = addresses.filter(({ family }) => family !== first?.family);
  const pairs = preferred.flatMap((address, index) => [address, ...others.slice(index, index + 1)]);
  return [...pairs, ...others.slice(preferred.length)];
}
