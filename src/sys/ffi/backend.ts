import { architectures } from '../abi/syscallNumbers.ts';
import { koffiBackend } from './koffi.ts';
import { UnsupportedError } from './unsupportedError.ts';

/**
 * C types of parameters. A pointer is the memory of a view, or null. An address is a pointer too, as the number that
 * `address` answered: koffi 3.3.4 takes 45 ns less to pass it on.
 */
export type ParameterKind = 'int' | 'uint' | 'long' | 'ulong' | 'pointer' | 'address';
/** C types of results. */
export type ResultKind = 'int' | 'long';

export type Argument = number | bigint | ArrayBufferView | null;
export type RawCall = (...args: Argument[]) => number;

/** Tells the host's event loop to call back while a descriptor is readable. */
export interface LoopWatch {
  /** Keeps the process alive while watching (the state after creation). */
  ref(): void;
  /** Lets the process end while watching. */
  unref(): void;
  /** Ends the watch. The descriptor may be closed right after. */
  close(): void;
}

/**
 * What a runtime must offer. One file of this folder implements it per runtime; nothing outside the folder knows which.
 */
export interface Backend {
  /** Binds a C function: JavaScript numbers in, the C result out. Arguments are not checked here. */
  bind(symbol: string, parameters: readonly ParameterKind[], result: ResultKind): RawCall;
  /** The calling thread's errno, valid until the next foreign call. */
  errno(): number;
  /** The address of a view's memory: for structs that hold pointers. The view must stay reachable while C uses it. */
  address(view: ArrayBufferView): bigint;
  /**
   * Calls back on each turn of the host's loop in which the descriptor is readable, as the loop calls any callback of
   * its own: promises that it starts run, and what it throws is an uncaught exception. The descriptor must be valid,
   * and must be watched by nobody else.
   *
   * @param onReadable answers whether it wants to be called again in the same turn of the loop (`again` is true then),
   *   when the promises of this call have run: there may be more. A host need not do so
   */
  watchReadable(fd: number, onReadable: (again: boolean) => boolean): LoopWatch;
}

let current: Backend | undefined;

/** The backend of this runtime, loaded on first use. @throws {UnsupportedError} where there is none. */
export function backend(): Backend {
  return (current ??= load());
}

function load(): Backend {
  if (process.platform !== 'linux') {
    throw new UnsupportedError(`Cannot use epoll as it exists on Linux only: current platform is ${process.platform}`);
  }
  if (!architectures.has(process.arch)) {
    const known = [...architectures.keys()].join(', ');
    throw new UnsupportedError(`Cannot use epoll as the CPU must be one of ${known}: current CPU is ${process.arch}`);
  }
  // koffi's loop hook panics on Bun (oven-sh/bun#18546) and stops after one event on Deno (denoland/deno#36317), and
  // koffi itself aborts Bun up to 1.3.14: refuse before it is loaded.
  const other = ['bun', 'deno'].find((name) => process.versions[name] !== undefined);
  if (other !== undefined) {
    throw new UnsupportedError(`Cannot use epoll as the runtime must be Node.js: current runtime is ${other}`);
  }
  return koffiBackend();
}
