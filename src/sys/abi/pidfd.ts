// linux/pidfd.h

/** Operations that would wait answer EAGAIN (Linux 5.10). */
export const PIDFD_NONBLOCK = 0o4000;
/** Refer to one thread, not to the process (Linux 6.9). */
export const PIDFD_THREAD = 0o200;
/** pidfd_send_signal: to the thread (Linux 6.9). */
export const PIDFD_SIGNAL_THREAD = 1;
/** pidfd_send_signal: to the thread group (Linux 6.9). */
export const PIDFD_SIGNAL_THREAD_GROUP = 2;
/** pidfd_send_signal: to the process group (Linux 6.9). */
export const PIDFD_SIGNAL_PROCESS_GROUP = 4;
