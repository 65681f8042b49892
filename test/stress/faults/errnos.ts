/**
 * A system call, the functions of `sys` that make it, and the errors that its man page lists: for sockets POSIX's page
 * and those of tcp(7), udp(7), unix(7) and accept(2)'s list of network errors too.
 */
export interface FaultRow {
  readonly syscall: string;
  readonly functions: readonly string[];
  readonly errnos: readonly string[];
}

// The call that the C library makes (x86-64, glibc), as strace names it. `npm run stress:faults` fails for a function
// of sys that reaches C and stands in no row.
export const faultRows: readonly FaultRow[] = [
  row(
    'accept4',
    'accept4',
    'EAGAIN EBADF ECONNABORTED EFAULT EINTR EINVAL EMFILE ENFILE ENOBUFS ENOMEM ENOTSOCK EOPNOTSUPP EPERM ' +
      'EPROTO ENETDOWN ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH ENETUNREACH',
  ),
  row(
    'bind',
    'bind',
    'EACCES EADDRINUSE EADDRNOTAVAIL EBADF EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR ENOTSOCK EROFS',
  ),
  row('close', 'close', 'EBADF EINTR EIO ENOSPC EDQUOT'),
  row(
    'connect',
    'connect',
    'EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF ECONNREFUSED EFAULT ' +
      'EINPROGRESS EINTR EISCONN ENETUNREACH ENOTSOCK EPROTOTYPE ETIMEDOUT EHOSTUNREACH',
  ),
  row('dup', 'dup', 'EBADF EMFILE ENOMEM'),
  row('dup3', 'dup3', 'EBADF EBUSY EINTR EINVAL EMFILE ENOMEM'),
  row('epoll_create1', 'epoll_create1', 'EINVAL EMFILE ENFILE ENOMEM'),
  row('epoll_ctl', 'epoll_ctl', 'EBADF EEXIST EINVAL ELOOP ENOENT ENOMEM ENOSPC EPERM'),
  row('epoll_wait', 'epoll_wait', 'EBADF EFAULT EINTR EINVAL'),
  row('epoll_pwait', 'epoll_pwait', 'EBADF EFAULT EINTR EINVAL'),
  row('epoll_pwait2', 'epoll_pwait2', 'EBADF EFAULT EINTR EINVAL'),
  row('eventfd2', 'eventfd', 'EINVAL EMFILE ENFILE ENODEV ENOMEM'),
  row('fcntl', 'fcntl', 'EACCES EAGAIN EBADF EBUSY EFAULT EINTR EINVAL EMFILE ENOLCK ENOTDIR EPERM'),
  row('flock', 'flock', 'EBADF EINTR EINVAL ENOLCK EAGAIN'),
  row('getpeername', 'getpeername', 'EBADF EFAULT EINVAL ENOBUFS ENOTCONN ENOTSOCK'),
  row('getsockname', 'getsockname', 'EBADF EFAULT EINVAL ENOBUFS ENOTSOCK'),
  row('getsockopt', 'getsockopt', 'EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK'),
  row(
    'inotify_add_watch',
    'inotify_add_watch',
    'EACCES EBADF EEXIST EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR',
  ),
  row('inotify_init1', 'inotify_init1', 'EINVAL EMFILE ENFILE ENOMEM'),
  row('inotify_rm_watch', 'inotify_rm_watch', 'EBADF EINVAL'),
  row('ioctl', 'ioctl epoll_get_params epoll_set_params', 'EBADF EFAULT EINVAL ENOTTY'),
  row('kcmp', 'kcmp', 'EBADF EFAULT EINVAL ENOENT EPERM ESRCH'),
  row('listen', 'listen', 'EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP'),
  row(
    'openat',
    'open',
    'EACCES EBADF EBUSY EDQUOT EEXIST EFAULT EFBIG EINTR EINVAL EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ' +
      'ENODEV ENOENT ENOMEM ENOSPC ENOTDIR ENXIO EOPNOTSUPP EOVERFLOW EPERM EROFS ETXTBSY EAGAIN',
  ),
  row('pidfd_getfd', 'pidfd_getfd', 'EBADF EINVAL EMFILE ENFILE EPERM ESRCH'),
  row('pidfd_open', 'pidfd_open', 'EINVAL EMFILE ENFILE ENODEV ENOMEM ESRCH'),
  row('pidfd_send_signal', 'pidfd_send_signal', 'EBADF EINVAL EPERM ESRCH'),
  row('pipe2', 'pipe2', 'EFAULT EINVAL EMFILE ENFILE ENOPKG'),
  row('poll', 'poll pollOne', 'EFAULT EINTR EINVAL ENOMEM'),
  row('preadv2', '', 'EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR'),
  row('pwritev2', '', 'EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE'),
  row('rt_sigprocmask', 'pthread_sigmask', 'EFAULT EINVAL'),
  row('read', 'read eventfd_read', 'EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR'),
  row('readv', 'readv', 'EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR'),
  row(
    'recvfrom',
    'recv recvfrom',
    'EAGAIN EBADF ECONNREFUSED ECONNRESET EFAULT EINTR EINVAL EIO ENOBUFS ENOMEM ENOTCONN ENOTSOCK ETIMEDOUT',
  ),
  row(
    'recvmsg',
    'recvmsg',
    'EAGAIN EBADF ECONNREFUSED ECONNRESET EFAULT EINTR EINVAL EIO ENOBUFS ENOMEM ENOTCONN ENOTSOCK ETIMEDOUT',
  ),
  row(
    'sendmsg',
    'sendmsg',
    'EACCES EAGAIN EBADF ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EIO EISCONN EMSGSIZE ENOBUFS ENOMEM ' +
      'ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE ETIMEDOUT ETOOMANYREFS',
  ),
  row(
    'sendto',
    'send sendto',
    'EACCES EAGAIN EALREADY EBADF ECONNREFUSED ECONNRESET EDESTADDRREQ EFAULT EHOSTUNREACH EINTR EINVAL EIO ' +
      'EISCONN EMSGSIZE ENETUNREACH ENOBUFS ENOMEM ENOTCONN ENOTSOCK EOPNOTSUPP EPERM EPIPE ETIMEDOUT',
  ),
  row('setsockopt', 'setsockopt', 'EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK'),
  row('shutdown', 'shutdown', 'EBADF EINVAL ENOTCONN ENOTSOCK'),
  row('signalfd4', 'signalfd', 'EBADF EINVAL EMFILE ENFILE ENODEV ENOMEM'),
  row('socket', 'socket', 'EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT'),
  row('socketpair', 'socketpair', 'EAFNOSUPPORT EFAULT EMFILE ENFILE EOPNOTSUPP EPROTONOSUPPORT'),
  row('tgkill', 'tgkill', 'EAGAIN EINVAL EPERM ESRCH'),
  row('timerfd_create', 'timerfd_create', 'EINVAL EMFILE ENFILE ENODEV ENOMEM EPERM'),
  row('timerfd_gettime', 'timerfd_gettime', 'EBADF EFAULT EINVAL'),
  row('timerfd_settime', 'timerfd_settime', 'EBADF ECANCELED EFAULT EINVAL'),
  row(
    'write',
    'write eventfd_write',
    'EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE',
  ),
  row('writev', 'writev', 'EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE'),
];

/** The system call that a function of sys makes. */
export function syscallOf(name: string): string | undefined {
  return faultRows.find(({ functions }) => functions.includes(name))?.syscall;
}

function row(syscall: string, functions: string, errnos: string): FaultRow {
  return { syscall, functions: functions.split(' '), errnos: errnos.split(' ') };
}

/** The errors of one system call. */
export function errnosOf(syscall: string): readonly string[] {
  return faultRows.find((candidate) => candidate.syscall === syscall)?.errnos ?? [];
}
