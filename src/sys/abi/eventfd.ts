// sys/eventfd.h

/** Close the descriptor on exec. */
export const EFD_CLOEXEC = 0o2000000;
/** Reads and writes answer EAGAIN where they would wait. */
export const EFD_NONBLOCK = 0o4000;
/** A read takes 1 from the counter, not all of it (Linux 2.6.30). */
export const EFD_SEMAPHORE = 1;
