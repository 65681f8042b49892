/** Where the kernel keeps the members of `struct epoll_event`, in 32-bit words. */
export interface EpollEventLayout {
  readonly words: number;
  readonly events: number;
  readonly dataLow: number;
  readonly dataHigh: number;
}

// linux/eventpoll.h packs the struct on x86-64 only (EPOLL_PACKED), so that 32-bit programs share the layout: data
// stands at byte 4 of 12 there, and at byte 8 of 16 everywhere else.
const packed: EpollEventLayout = { words: 3, events: 0, dataLow: 1, dataHigh: 2 };
const aligned: EpollEventLayout = { words: 4, events: 0, dataLow: 2, dataHigh: 3 };

/** The layout of `struct epoll_event` on a CPU architecture, named as `process.arch` names it. */
export function epollEventLayout(arch: string): EpollEventLayout {
  return arch === 'x64' ? packed : aligned;
}
