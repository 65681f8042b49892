// sys/signalfd.h

/** Close the descriptor on exec. */
export const SFD_CLOEXEC = 0o2000000;
/** Reads answer EAGAIN where they would wait. */
export const SFD_NONBLOCK = 0o4000;
