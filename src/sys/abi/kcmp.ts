// linux/kcmp.h

/** Do two descriptors share an open file description? */
export const KCMP_FILE = 0;
/** Is a descriptor the file that an epoll entry watches (Linux 4.13)? */
export const KCMP_EPOLL_TFD = 7;
