// asm-generic/poll.h

/** There is data to read. */
export const POLLIN = 0x0001;
/** An exceptional condition. */
export const POLLPRI = 0x0002;
/** Writing is possible. */
export const POLLOUT = 0x0004;
/** An error (only in the answer). */
export const POLLERR = 0x0008;
/** Hang-up (only in the answer). */
export const POLLHUP = 0x0010;
/** The descriptor is not open (only in the answer). */
export const POLLNVAL = 0x0020;
/** The peer closed its writing half. */
export const POLLRDHUP = 0x2000;
