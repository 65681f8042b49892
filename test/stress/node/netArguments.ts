import net from 'node:net';

/** What `connect()` and `listen()` take, as one object. */
export interface NetOptions {
  readonly [name: string]: unknown;
  readonly port?: string | number | null;
  readonly host?: string | null;
  readonly path?: string;
  readonly timeout?: number;
}

interface Normalizing {
  _normalizeArgs(args: unknown[]): [options: NetOptions, callback: (() => void) | null];
}

/** The arguments of `connect()` and `listen()` in one form, as Node makes them. */
export function netArguments(args: unknown[]): [options: NetOptions, callback: (() => void) | null] {
  return (net as unknown as Normalizing)._normalizeArgs(args);
}

/** The given high-water marks, as `toDuplex()` and `attachHttp()` take them. */
export function highWaterMarks({ highWaterMark, readableHighWaterMark, writableHighWaterMark }: NetOptions): {
  readableHighWaterMark?: number;
  writableHighWaterMark?: number;
} {
  const [read, write] = [readableHighWaterMark ?? highWaterMark, writableHighWaterMark ?? highWaterMark];
  return {
    ...(typeof read === 'number' ? { readableHighWaterMark: read } : {}),
    ...(typeof write === 'number' ? { writableHighWaterMark: write } : {}),
  };
}
