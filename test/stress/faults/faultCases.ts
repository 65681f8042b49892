import { errnosOf } from './errnos.ts';

/** What must come of a fault: this error, a SystemError where no name is given; or this answer. */
export type Expected =
  | { readonly throws: string; readonly syscall: string; readonly name?: string }
  | { readonly returns: string };

/** A program under a fault. */
export interface FaultCase {
  readonly program: string;
  /** As strace's `inject=` takes it; several, of different calls, with ` + ` between them. */
  readonly injection: string;
  readonly expected: Expected;
  /** How many descriptors stay open as strace answered close(2) in the kernel's place. */
  readonly left?: number;
}

const created: readonly (readonly [program: string, syscall: string, call: string])[] = [
  ['new EventFd', 'eventfd2', 'eventfd'],
  ['new TimerFd', 'timerfd_create', 'timerfd_create'],
  ['new SignalFd', 'signalfd4', 'signalfd'],
  ['SignalFd gives the mask back', 'signalfd4', 'signalfd'],
  ['new PidFd', 'pidfd_open', 'pidfd_open'],
  ['new Inotify', 'inotify_init1', 'inotify_init1'],
  ['new PipeReader', 'pipe2', 'pipe2'],
  ['new Epoll', 'epoll_create1', 'epoll_create1'],
  ['new Reactor', 'epoll_create1', 'epoll_create1'],
  ['Reactor.waker', 'eventfd2', 'eventfd'],
  ['Reactor.waker', 'epoll_ctl', 'epoll_ctl'],
  ['Reactor.register', 'epoll_ctl', 'epoll_ctl'],
  ['Reactor.register, priority', 'epoll_ctl', 'epoll_ctl'],
  ['Reactor.register, priority', 'epoll_create1', 'epoll_create1'],
  ['Registration.modify', 'epoll_ctl', 'epoll_ctl'],
  ['Registration.rearm', 'epoll_ctl', 'epoll_ctl'],
  ['Registration.readable', 'epoll_ctl', 'epoll_ctl'],
  ['Epoll.add', 'epoll_ctl', 'epoll_ctl'],
  ['Epoll.modify', 'epoll_ctl', 'epoll_ctl'],
  ['Epoll.delete', 'epoll_ctl', 'epoll_ctl'],
  ['Epoll.wait', 'epoll_wait', 'epoll_wait'],
  ['Epoll.wait with sigmask', 'epoll_pwait', 'epoll_wait'],
  ['Epoll.wait in nanoseconds', 'epoll_pwait2', 'epoll_wait'],
  ['Reactor.turn', 'epoll_wait', 'epoll_wait'],
  ['EventFd.read', 'preadv2', 'read'],
  ['TimerFd.read', 'preadv2', 'read'],
  ['Inotify.read', 'read', 'read'],
  ['SignalFd.read', 'preadv2', 'read'],
  ['PipeReader.read', 'preadv2', 'read'],
  ['EventFd.write', 'write', 'write'],
  ['PipeWriter.write', 'pwritev2', 'write'],
  ['TimerFd.set', 'timerfd_settime', 'timerfd_settime'],
  ['TimerFd.remaining', 'timerfd_gettime', 'timerfd_gettime'],
  ['Inotify.watch', 'inotify_add_watch', 'inotify_add_watch'],
  ['Inotify.unwatch', 'inotify_rm_watch', 'inotify_rm_watch'],
  ['PidFd.exited', 'poll', 'poll'],
  ['PidFd.signal', 'pidfd_send_signal', 'pidfd_send_signal'],
  ...['EventFd', 'TimerFd', 'SignalFd', 'PidFd', 'Inotify', 'PipeReader', 'PipeWriter', 'Epoll', 'Reactor'].map(
    (name) => [`${name}.close`, 'close', 'close'] as const,
  ),
];

/** Where an error is an answer: what the program returns for it. */
const answered: Readonly<Record<string, string>> = {
  'Epoll.wait EINTR': '1',
  'Epoll.wait with sigmask EINTR': '1',
  'Epoll.wait in nanoseconds EINTR': '1',
  'Reactor.turn EINTR': '1',
  'EventFd.read EINTR': '7',
  'EventFd.read EAGAIN': 'null',
  'TimerFd.read EINTR': '1',
  'TimerFd.read EAGAIN': 'null',
  'Inotify.read EINTR': '1',
  'Inotify.read EAGAIN': 'undefined',
  'SignalFd.read EINTR': 'SIGHUP',
  'SignalFd.read EAGAIN': 'undefined',
  'PipeReader.read EINTR': '3',
  'PipeReader.read EAGAIN': 'null',
  'EventFd.write EINTR': 'true',
  'EventFd.write EAGAIN': 'false',
  'PipeWriter.write EINTR': '3',
  'PipeWriter.write EAGAIN': 'false',
  'Inotify.unwatch EINVAL': 'false',
  'PidFd.exited EINTR': 'false',
  // Tried again without the flag that Linux 5.10 brought.
  'new PidFd EINVAL': 'made',
};

/** Programs whose fault is not one failing first call. */
const further: readonly FaultCase[] = [
  { program: 'Epoll.wait, many', injection: 'epoll_wait:error=EINTR:when=1+3', expected: { returns: '300 events' } },
  { program: 'Reactor.turn, many', injection: 'epoll_wait:error=EINTR:when=1+3', expected: { returns: '300 events' } },
  {
    program: 'Reactor in the loop, many',
    injection: 'epoll_wait:error=EINTR:when=1+3',
    expected: { returns: '300 events' },
  },
  {
    program: 'Reactor in the loop, broken',
    injection: 'epoll_wait:error=EBADF:when=1',
    expected: { throws: 'EBADF', syscall: 'epoll_wait' },
  },
  // A kernel without the call, and a sandbox that forbids it.
  ...['ENOSYS', 'EPERM'].map((code) => ({
    program: 'Epoll.wait in nanoseconds',
    injection: `epoll_pwait2:error=${code}:when=1`,
    expected: { returns: '1' },
  })),
  ...errnosOf('kcmp').map((code) => ({
    program: 'Epoll.entries',
    injection: `kcmp:error=${code}:when=1`,
    expected: { returns: code === 'EBADF' ? 'true' : 'null' },
  })),
  // A kernel that can't read or write without waiting: it is asked with poll(2) first.
  ...['EventFd.read', 'TimerFd.read', 'SignalFd.read', 'PipeReader.read', 'PipeWriter.write'].flatMap((program) =>
    ['EOPNOTSUPP', 'ENOSYS'].map((code): FaultCase => ({
      program,
      injection: `${program === 'PipeWriter.write' ? 'pwritev2' : 'preadv2'}:error=${code}:when=1`,
      expected: { returns: answered[`${program} EINTR`] ?? '' },
    })),
  ),
  ...['EIO', 'ENOSPC', 'EINTR'].map((code): FaultCase => ({
    program: 'new EventFd(2 ** 40)',
    injection: `write:error=${code}:when=1`,
    expected: code === 'EINTR' ? { returns: 'made' } : { throws: code, syscall: 'write' },
  })),
  { program: 'EventFd.from', injection: 'fcntl:error=EBADF:when=1', expected: { throws: 'EBADF', syscall: 'fcntl' } },
  {
    program: 'new SignalFd',
    injection: 'rt_sigprocmask:error=EINVAL:when=1',
    expected: { throws: 'EINVAL', syscall: 'pthread_sigmask' },
  },
  // What a first registration does to attach: a duplicate of the descriptor, and the proof that it can be watched.
  {
    program: 'Reactor.register',
    injection: 'fcntl:error=EMFILE:when=1',
    expected: { throws: 'EMFILE', syscall: 'fcntl' },
  },
  {
    program: 'Reactor.register, priority',
    injection: 'fcntl:error=EMFILE:when=1',
    expected: { throws: 'EMFILE', syscall: 'fcntl' },
  },
  ...errnosOf('epoll_create1').map((code): FaultCase => ({
    program: 'Reactor.register',
    injection: `epoll_create1:error=${code}:when=1`,
    expected: { throws: code, syscall: 'epoll_create1' },
  })),
  ...['ENOSPC', 'ENOMEM', 'ELOOP'].map((code): FaultCase => ({
    program: 'Reactor.register',
    injection: `epoll_ctl:error=${code}:when=2`,
    expected: { throws: code, syscall: 'epoll_ctl' },
  })),
];

/** Every case. */
export const faultCases: readonly FaultCase[] = [
  ...created.flatMap(([program, syscall, call]) =>
    errnosOf(syscall).map((code): FaultCase => {
      const returns = syscall === 'close' && code === 'EINTR' ? 'undefined' : answered[`${program} ${code}`];
      const expected: Expected = returns === undefined ? { throws: code, syscall: call } : { returns };
      return { program, injection: `${syscall}:error=${code}:when=1`, expected };
    }),
  ),
  ...further,
];
