/** `struct epoll_params` of linux/eventpoll.h: how an epoll instance polls network devices before it sleeps. */
export interface EpollParams {
  /** Microseconds to poll; 0 turns busy polling off. */
  readonly busyPollUsecs: number;
  /** Packets per poll; above 64 needs CAP_NET_ADMIN. */
  readonly busyPollBudget: number;
  /** Whether the device's interrupts stay off between polls. */
  readonly preferBusyPoll: boolean;
}

/** Bytes of `struct epoll_params`: u32 busy_poll_usecs, u16 busy_poll_budget, u8 prefer_busy_poll, u8 pad (0). */
export const epollParamsSize = 8;

/** Writes the struct; the members must be in range already. */
export function encodeEpollParams(params: EpollParams): Uint8Array {
  const bytes = new Uint8Array(epollParamsSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, params.busyPollUsecs, true);
  view.setUint16(4, params.busyPollBudget, true);
  view.setUint8(6, params.preferBusyPoll ? 1 : 0);
  return bytes;
}

/** Reads the struct. */
export function decodeEpollParams(bytes: Uint8Array): EpollParams {
  const view = new DataView(bytes.buffer, bytes.byteOffset, epollParamsSize);
  return {
    busyPollUsecs: view.getUint32(0, true),
    busyPollBudget: view.getUint16(4, true),
    preferBusyPoll: view.getUint8(6) !== 0,
  };
}
