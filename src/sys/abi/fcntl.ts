// asm-generic/fcntl.h: these values are the same on x86-64, arm64, riscv64 and loong64 (O_DIRECTORY and O_NOFOLLOW are
// not, and are left out).

/** Open for reading only. */
export const O_RDONLY = 0;
/** Open for writing only. */
export const O_WRONLY = 1;
/** Open for reading and writing. */
export const O_RDWR = 2;
/** Create the file if it is not there. */
export const O_CREAT = 0o100;
/** With O_CREAT: fail where the file exists. */
export const O_EXCL = 0o200;
/** Don't let a terminal become the controlling terminal. */
export const O_NOCTTY = 0o400;
/** Truncate to length 0. */
export const O_TRUNC = 0o1000;
/** Writes go to the end. */
export const O_APPEND = 0o2000;
/** Calls answer EAGAIN where they would wait. */
export const O_NONBLOCK = 0o4000;
/** Close on exec. */
export const O_CLOEXEC = 0o2000000;
/** A descriptor that only names the file. */
export const O_PATH = 0o10000000;

/** Duplicate to the lowest number not below the argument. */
export const F_DUPFD = 0;
/** Get the descriptor flags. */
export const F_GETFD = 1;
/** Set the descriptor flags. */
export const F_SETFD = 2;
/** Get the status flags. */
export const F_GETFL = 3;
/** Set the status flags. */
export const F_SETFL = 4;
/** Set the signal that O_ASYNC sends: a number that belongs to the open file. */
export const F_SETSIG = 10;
/** Get the signal that O_ASYNC sends. */
export const F_GETSIG = 11;
/** F_DUPFD with FD_CLOEXEC set. */
export const F_DUPFD_CLOEXEC = 1030;
/** Set the capacity of a pipe. */
export const F_SETPIPE_SZ = 1031;
/** Get the capacity of a pipe. */
export const F_GETPIPE_SZ = 1032;

/** Descriptor flag: close on exec. */
export const FD_CLOEXEC = 1;

/** flock(2): a lock that excludes every other one. */
export const LOCK_EX = 2;
/** flock(2): answer EWOULDBLOCK where it would wait. */
export const LOCK_NB = 4;
/** flock(2): unlock. */
export const LOCK_UN = 8;
