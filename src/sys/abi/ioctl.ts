// asm-generic/ioctls.h

/** Bytes that can be read at once. */
export const FIONREAD = 0x541b;
/** Bytes not yet sent. */
export const TIOCOUTQ = 0x5411;
