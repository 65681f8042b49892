import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import type { Backend, LoopWatch, ParameterKind, RawCall, ResultKind } from './backend.ts';
import { koffiRefusal } from './koffiRefusal.ts';
import { PollWatch } from './pollWatch.ts';
import { UnsupportedError } from './unsupportedError.ts';

const parameterTypes: Record<ParameterKind, string> = {
  int: 'int',
  uint: 'unsigned int',
  long: 'int64_t',
  ulong: 'uint64_t',
  pointer: 'void *',
  address: 'uint64_t',
};
const resultTypes: Record<ResultKind, string> = { int: 'int', long: 'int64_t' };

/**
 * Node's backend: koffi, which ships prebuilt and needs no install script. koffi itself truncates 1.5 and "3" in
 * silence, so every value must have been checked before it comes here.
 */
export function koffiBackend(): Backend {
  const koffi = loadKoffi();
  // The program itself: its global symbols are those of the C library it runs on, glibc or musl, whatever the file is
  // called.
  const libc = koffi.load(null);
  return {
    bind: (symbol: string, parameters: readonly ParameterKind[], result: ResultKind): RawCall => {
      const types = parameters.map((kind) => parameterTypes[kind]);
      // A variadic function (fcntl, ioctl, open, syscall) is called by its fixed form: on these CPUs Linux passes
      // variadic integers and pointers in the same registers.
      return libc.func(symbol, resultTypes[result], types);
    },
    errno: koffi.errno,
    address: (view: ArrayBufferView): bigint => koffi.address(view),
    watchReadable: (fd: number, onReadable: (again: boolean) => boolean): LoopWatch =>
      new PollWatch(koffi, fd, onReadable),
  };
}

function loadKoffi(): typeof Koffi {
  const require = createRequire(import.meta.url);
  try {
    return require('koffi') as typeof Koffi;
  } catch (cause) {
    throw new UnsupportedError(`Cannot use epoll as ${koffiRefusal(cause, require)}`, { cause });
  }
}
