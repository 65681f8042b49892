import { types } from 'node:util';
import { ClosedError, SystemError, UnsupportedError } from 'epoll-ts';
import { Marker } from './hostileMaker.ts';

// Where errors of Node's own come out too: of its streams, and of its resolver.
const ofStreams = /^(?:Readable|Writable|Duplex|Stream|SocketDuplex|'error')/;

const ofWeb = /^(?:Readable|Writable)\w*Stream/;

/** What is wrong about an error that came out of a call; undefined when it is one of those that are documented. */
export function fault(error: unknown, name: string): string | undefined {
  // Cancelling and aborting pass any reason on.
  if (ofWeb.test(name) && (types.isProxy(error) || !(error instanceof Error))) return undefined;
  if (types.isProxy(error)) return 'threw a proxy';
  if (error instanceof Marker) return undefined;
  if (error instanceof TypeError || error instanceof RangeError) {
    // koffi's own refusals mean that something invalid came as far as C's door.
    if (
      /^(?:Unexpected .* (?:value|argument)|Expected \d+ arguments|Cannot (?:find|convert).*koffi)/.test(error.message)
    ) {
      return `an invalid value reached the foreign function interface: ${error.message}`;
    }
    return error.message.includes('call stack') ? 'endless recursion' : undefined;
  }
  if (error instanceof UnsupportedError) return undefined;
  if (name.startsWith('sys.')) return `sys threw ${describeError(error)}`;
  if (error instanceof ClosedError || error instanceof SystemError || isTimeout(error)) return undefined;
  // The reason of an AbortSignal, or of a timeout.
  if (error instanceof DOMException && /^(?:Abort|Timeout)Error$/.test(error.name)) return undefined;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (ofStreams.test(name) && typeof code === 'string' && /^(?:ERR_|ABORT_ERR)/.test(code)) return undefined;
  if (code === 'ENOTFOUND' && /connect|listen|send/i.test(name)) return undefined;
  // Of a worker that could not start: there is no such module, or the data is not for threads.
  if (name === 'net.serve' && (code === 'ERR_MODULE_NOT_FOUND' || isNotForThreads(error))) return undefined;
  return `threw ${describeError(error)}`;
}

function isNotForThreads(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'DataCloneError';
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `no Error but ${typeof error}`;
}

// Of an operation with `timeoutMs`.
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError' && 'code' in error && error.code === 'ETIMEDOUT';
}
