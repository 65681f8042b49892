import { lookup } from 'node:dns/promises';
import type { HostPort } from './sourceSpec.ts';

/** The address to bind: every address of the machine where no host is given. @throws {Error} of the resolver */
export async function resolve({ host, port }: HostPort): Promise<{ address?: string; port: number }> {
  if (host === null) return { port };
  const { address } = await lookup(host);
  return { address, port };
}
