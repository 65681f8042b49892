import type * as Koffi from 'koffi';

// dlfcn.h
const RTLD_LAZY = 0x1;
const RTLD_NOLOAD = 0x4;
const RTLD_NODELETE = 0x1000;

let pinned = false;

/**
 * Keeps koffi's native module in memory until the process ends.
 *
 * A worker that is the only one to use koffi unloads it when it ends, and after that the thread's loop calls what the
 * module gave it to call when a handle is closed: SIGSEGV (koffi 3.3.4, seen on Node 20 to 26).
 */
export function pinModule(koffi: typeof Koffi): void {
  if (pinned) return;
  pinned = true;
  const self = koffi.load(null);
  // The entry of a registered callback is code of the module itself: its address tells which file that is.
  const entry = koffi.register(() => {}, koffi.pointer(koffi.proto('void', [])));
  try {
    const info = new BigUint64Array(4); // Dl_info begins with const char *dli_fname
    if (self.func('dladdr', 'int', ['void *', 'void *'])(entry, info) === 0) return;
    const file = koffi.decode.string(info[0]);
    self.func('dlopen', 'void *', ['str', 'int'])(file, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  } catch {
    // A C library without these has no unloading either.
  } finally {
    koffi.unregister(entry);
  }
}
