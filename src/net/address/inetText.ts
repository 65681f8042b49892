import type { InetAddress } from './inetAddress.ts';

/** An address and its port as people write them: `127.0.0.1:80`, `[::1]:80`; null for none. */
export function inetText(name: InetAddress | null): string | null {
  if (name === null) return null;
  return `${name.family === 'IPv6' ? `[${name.address}]` : name.address}:${name.port}`;
}
