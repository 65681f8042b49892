// linux/eventpoll.h. Masks are unsigned 32-bit numbers: EPOLLET is 0x80000000, and `EPOLLIN | EPOLLET`, which
// JavaScript makes negative, means the same to every function here.

/** The associated file is available for reading. */
export const EPOLLIN = 0x001;
/** An exceptional condition: out-of-band data, a changed sysfs attribute, a pressure-stall trigger. */
export const EPOLLPRI = 0x002;
/** The associated file is available for writing. */
export const EPOLLOUT = 0x004;
/** An error is pending. Always reported, asked for or not. */
export const EPOLLERR = 0x008;
/** Hang-up: both directions are finished. Always reported, asked for or not. */
export const EPOLLHUP = 0x010;
/** No file is open: an answer of poll(2), never one of epoll. */
export const EPOLLNVAL = 0x020;
/** Normal data can be read (in practice equal to EPOLLIN). */
export const EPOLLRDNORM = 0x040;
/** Priority-band data can be read. */
export const EPOLLRDBAND = 0x080;
/** Normal data can be written (in practice equal to EPOLLOUT). */
export const EPOLLWRNORM = 0x100;
/** Priority-band data can be written. */
export const EPOLLWRBAND = 0x200;
/** Unused by the kernel. */
export const EPOLLMSG = 0x400;
/** The peer closed its end, or the writing half of it. */
export const EPOLLRDHUP = 0x2000;
/**
 * Set by the kernel when an io_uring posts to its eventfd (Linux 6.2), so that rings do not wake each other for ever.
 */
export const EPOLL_URING_WAKE = 0x08000000;
/** Wake one or more of the epoll instances that watch this file, not all of them (Linux 4.5). */
export const EPOLLEXCLUSIVE = 0x10000000;
/** Keep the system awake while the event is handled (Linux 3.5); silently removed without CAP_BLOCK_SUSPEND. */
export const EPOLLWAKEUP = 0x20000000;
/** Disable the entry after one event, until EPOLL_CTL_MOD arms it again. */
export const EPOLLONESHOT = 0x40000000;
/** Report changes, not states: edge-triggered. */
export const EPOLLET = 0x80000000;

/** Add an entry to the interest list. */
export const EPOLL_CTL_ADD = 1;
/** Remove an entry from the interest list. */
export const EPOLL_CTL_DEL = 2;
/** Change an entry: also the way to arm a fired one-shot again. */
export const EPOLL_CTL_MOD = 3;

/** Close the epoll descriptor on exec. */
export const EPOLL_CLOEXEC = 0o2000000;

/** ioctl: set the busy-poll parameters (Linux 6.9). */
export const EPIOCSPARAMS = 0x40088a01;
/** ioctl: get the busy-poll parameters (Linux 6.9). */
export const EPIOCGPARAMS = 0x80088a02;
