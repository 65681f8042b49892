import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { offAbort, onAbort } from '../../reactor/onAbort.ts';
import { describe } from '../../sys/argument.ts';
import type { SockaddrIn, SockaddrIn6 } from '../../sys/index.ts';
import { aFunction, anInteger, required } from '../../sys/optionKind.ts';
import type { OptionKind, OptionKinds } from '../../sys/optionsReader.ts';
import { inetSockaddr } from './inetAddress.ts';

/** A port of a host: a name, or an IP address. */
export interface HostPort {
  /** `'localhost'` by default. */
  readonly host?: string;
  readonly port: number;
  /** 4 or 6: only addresses of this family. */
  readonly family?: 4 | 6;
  /** Resolves the name, as `dns.lookup` does, which is the default; it is asked for all addresses. */
  readonly lookup?: LookupFunction;
}

/** A name or an IP address. */
export const aHost: OptionKind<string> = (value, name, action) => {
  if (typeof value === 'string' && value !== '') return value;
  const rule = `'${name}' must be a name or an IP address`;
  throw new TypeError(`Cannot ${action} as ${rule}: current value is ${describe(value)}`);
};

/** An IP family: 4 or 6. */
export const aFamily: OptionKind<4 | 6> = (value, name, action) => {
  if (value === 4 || value === 6) return value;
  throw new TypeError(`Cannot ${action} as '${name}' must be 4 or 6: current value is ${describe(value)}`);
};

/** The members of a `HostPort`. */
export const hostPortKinds: OptionKinds<HostPort> = {
  host: aHost,
  port: required(anInteger(0, 0xffff)),
  family: aFamily,
  lookup: aFunction<LookupFunction>(),
};

/**
 * The addresses of a host, in the resolver's order, by `node:dns`.
 *
 * @throws (as a rejection) Node's own error of the resolver, ENOTFOUND and the like; the signal's reason
 */
export async function resolve(
  { host = 'localhost', port, family, lookup }: HostPort,
  signal?: AbortSignal,
): Promise<(SockaddrIn | SockaddrIn6)[]> {
  if (isIP(host.replace(/%\d+$/, '')) !== 0) return [inetSockaddr(host, port)];
  const wanted = { all: true, ...(family === undefined ? {} : { family }) } as const;
  const found = await abortable(lookup === undefined ? dnsLookup(host, wanted) : asked(lookup, host, wanted), signal);
  return found.map(({ address }) => inetSockaddr(address, port));
}

// One that knows nothing of `all` answers with one address, as for node:net.
function asked(lookup: LookupFunction, host: string, wanted: LookupAllOptions): Promise<LookupAddress[]> {
  return new Promise((answer, refuse) => {
    lookup(host, wanted, (error, address, family) => {
      if (error !== null && error !== undefined) refuse(error);
      else answer(Array.isArray(address) ? address : [{ address, family: family ?? isIP(address) }]);
    });
  });
}

// The resolver runs in libuv's pool and can't be stopped; its answer is not waited for any more.
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    // eslint-disable-next-line typescript/prefer-promise-reject-errors -- an abort reason can be any value, and is passed on as it is
    abort = () => reject(signal.reason);
    onAbort(signal, abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    offAbort(signal, abort);
  }
}
