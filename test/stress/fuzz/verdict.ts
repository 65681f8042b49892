import { ClosedError, SystemError, UnsupportedError } from 'epoll-ts';
import { Marker } from './hostileMaker.ts';

/** What is wrong about an error that came out of a call; undefined when it is one of those that are documented. */
export function fault(error: unknown, fromSys: boolean): string | undefined {
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
  if (fromSys) return `sys threw ${describeError(error)}`;
  if (error instanceof ClosedError || error instanceof SystemError) return undefined;
  // The reason of an AbortSignal.
  if (error instanceof DOMException && error.name === 'AbortError') return undefined;
  return `threw ${describeError(error)}`;
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `no Error but ${typeof error}`;
}
