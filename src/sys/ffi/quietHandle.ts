import type * as Koffi from 'koffi';

/** A handle of the host's loop that wakes the loop up and calls no JavaScript. */
export interface LoopHandle {
  /** Whether the descriptor was ready since this was asked last. */
  fired(): boolean;
}

/** The functions of libuv and Node that a quiet handle needs: addresses go in and out as 64-bit integers. */
interface Libuv {
  currentLoop(): bigint;
  type(handle: bigint): number;
  fileno(handle: bigint, fd: Int32Array): number;
  start(handle: bigint, events: number, callback: bigint): number;
  setData(handle: number, data: number): void;
  getData(handle: number): number | bigint;
  readonly setDataAddress: bigint;
}

// Public structs of libuv 1.x, whose layout is its ABI: uv_loop_s is { void *data; unsigned active_handles; uv__queue
// handle_queue; … }, uv_handle_s is { void *data; uv_loop_t *loop; uv_handle_type type; uv_close_cb close_cb; uv__queue
// handle_queue; … }, and a uv__queue is { next; prev }.
const loopQueuePrev = 24n;
const handleQueue = 32n;
const UV_POLL = 8;
const UV_READABLE = 1;
const waiting = 1;

/**
 * Takes the JavaScript out of the poll handle that koffi has just started on `fd`, which must be watched by nothing
 * else: libuv is told to call uv_handle_set_data in its place, a function of its own, which leaves a mark in the
 * handle.
 *
 * @returns undefined where this host does not offer what it takes; the handle is as koffi made it then
 */
export function quietHandle(koffi: typeof Koffi, fd: number): LoopHandle | undefined {
  const uv = libuv(koffi);
  if (uv === undefined) return undefined;
  // koffi's handle is the one that was made last: the end of the loop's list.
  const handle = address(koffi.decode.uint64(uv.currentLoop() + loopQueuePrev)) - handleQueue;
  const its = new Int32Array(1);
  // As a number, which an address of user space fits into: a bigint would be made anew on each turn of the loop.
  const handleNumber = Number(handle);
  if (!Number.isSafeInteger(handleNumber)) return undefined;
  if (uv.type(handle) !== UV_POLL || uv.fileno(handle, its) !== 0 || its[0] !== fd) return undefined;
  if (uv.start(handle, UV_READABLE, uv.setDataAddress) !== 0) return undefined;
  // Only now: koffi's callback takes what is there for its own object.
  uv.setData(handleNumber, waiting);
  return {
    fired: () => {
      if (Number(uv.getData(handleNumber)) === waiting) return false;
      uv.setData(handleNumber, waiting);
      return true;
    },
  };
}

let bound: Libuv | false | undefined;

function libuv(koffi: typeof Koffi): Libuv | undefined {
  bound ??= bind(koffi) ?? false;
  return bound === false ? undefined : bound;
}

function bind(koffi: typeof Koffi): Libuv | undefined {
  // The layouts above are those of libuv 1: with another one koffi's own callback has to do.
  if (!process.versions.uv?.startsWith('1.')) return undefined;
  const self = koffi.load(null);
  try {
    // C++ names of node.h and v8.h, which every Node exports for its addons.
    const isolate = self.func('_ZN2v87Isolate10GetCurrentEv', 'uint64_t', []);
    const loop = self.func('_ZN4node19GetCurrentEventLoopEPN2v87IsolateE', 'uint64_t', ['uint64_t']);
    return {
      currentLoop: () => address(loop(isolate())),
      type: self.func('uv_handle_get_type', 'int', ['uint64_t']),
      fileno: self.func('uv_fileno', 'int', ['uint64_t', 'void *']),
      start: self.func('uv_poll_start', 'int', ['uint64_t', 'int', 'uint64_t']),
      setData: self.func('uv_handle_set_data', 'void', ['uint64_t', 'uint64_t']),
      getData: self.func('uv_handle_get_data', 'uint64_t', ['uint64_t']),
      setDataAddress: koffi.address(self.symbol('uv_handle_set_data')),
    };
  } catch {
    return undefined; // a host that hides libuv: koffi's own callback has to do
  }
}

function address(value: number | bigint): bigint {
  return BigInt(value);
}
