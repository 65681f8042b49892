import { UsageError } from '../usageError.ts';
import type { HostPort } from './sourceSpec.ts';

/**
 * Reads `HOST:PORT`: HOST is a name, an IPv4 address, an IPv6 address in brackets, or empty or `*` for every address.
 *
 * @param kind what stands before it, for the message
 * @throws {UsageError} that names a valid form
 */
export function parseHostPort(kind: string, text: string): HostPort {
  const [, host, port = ''] = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new UsageError(`Cannot use '${kind}:${text}' as it must be HOST:PORT: for example ${kind}:${repaired(text)}`);
  }
  return { host: host === '' || host === '*' ? null : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function repaired(text: string): string {
  const port = /(?:^|:)(\d{1,5})$/.exec(text)?.[1] ?? '';
  if (port === '' || Number(port) > 65_535) return '127.0.0.1:4747';
  const host = text.slice(0, -port.length - 1);
  if (/^[\da-f:.]+$/i.test(host) && host.includes(':')) return `[${host}]:${port}`;
  return `127.0.0.1:${port}`;
}

/** An address for a person to read, an IPv4 address that was mapped into IPv6 as what it is. */
export function formatHostPort({ address, port }: { readonly address: string; readonly port: number }): string {
  const [, mapped] = /^::ffff:([\d.]+)$/.exec(address) ?? [];
  const shown = mapped ?? (address.includes(':') ? `[${address}]` : address);
  return `${shown}:${port}`;
}
