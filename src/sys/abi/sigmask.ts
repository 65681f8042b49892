// asm-generic/signal-defs.h: the `how` of pthread_sigmask(3)

/** Add the set to the blocked signals. */
export const SIG_BLOCK = 0;
/** Take the set out of the blocked signals. */
export const SIG_UNBLOCK = 1;
/** Block exactly the set. */
export const SIG_SETMASK = 2;
