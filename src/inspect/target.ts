/** The end of an inet socket as the kernel prints it. */
export interface InetAddress {
  /** An IPv4 or IPv6 address; `0.0.0.0` and `::` are every address of the machine. */
  readonly address: string;
  readonly port: number;
}

/** A descriptor of a process. */
export interface Holder {
  readonly pid: number;
  /** The name of the process, as `/proc/PID/comm` has it. */
  readonly name: string;
  readonly fd: number;
}

/** A TCP, UDP, UDP-Lite, ICMP or raw socket. */
export interface InetSocketTarget {
  readonly kind: 'tcp' | 'udp' | 'udplite' | 'icmp' | 'raw';
  readonly inode: string;
  readonly local: InetAddress;
  /** null: not connected. */
  readonly peer: InetAddress | null;
  /** `'ESTABLISHED'`, `'LISTEN'`, …; `'UNCONNECTED'` for datagram sockets without a peer. */
  readonly state: string;
}

/** A unix socket. Its addresses are names: a path, `@name` for an abstract one, null for none. */
export interface UnixSocketTarget {
  readonly kind: 'unix';
  readonly inode: string;
  readonly type: 'stream' | 'dgram' | 'seqpacket' | 'unknown';
  readonly local: string | null;
  /** The name of the other end. */
  readonly peer: string | null;
  /** The inode of the other end; null: there is none, or the kernel did not tell. */
  readonly peerInode: string | null;
  /** The processes that have the other end, of those that could be looked into. */
  readonly peerHolders: readonly Holder[];
  readonly state: 'LISTEN' | 'ESTABLISHED' | 'CONNECTING' | 'DISCONNECTING' | 'UNCONNECTED' | 'unknown';
}

/** A netlink or packet socket, or one of which neither `/proc/PID/net` nor the socket itself tells more. */
export interface OtherSocketTarget {
  readonly kind: 'netlink' | 'packet' | 'socket';
  readonly inode: string;
  /** What is known of it, such as `'route'` for a netlink socket. */
  readonly detail: string | null;
}

/** A pipe or a FIFO. */
export interface PipeTarget {
  readonly kind: 'pipe' | 'fifo';
  readonly inode: string;
  /** null for a pipe. */
  readonly path: string | null;
  readonly end: 'read' | 'write' | 'both' | 'unknown';
  /** The processes that have the other end, of those that could be looked into. */
  readonly peerHolders: readonly Holder[];
}

/** An eventfd. */
export interface EventfdTarget {
  readonly kind: 'eventfd';
  /** The counter, as a decimal number; null where the kernel's text could not be read. */
  readonly count: string | null;
  /** The kernel's own number of it, the same in every process (Linux 5.2). */
  readonly id: number | null;
  readonly semaphore: boolean | null;
}

/** A timerfd. */
export interface TimerfdTarget {
  readonly kind: 'timerfd';
  /** `'CLOCK_MONOTONIC'`, …; null where the kernel's text could not be read. */
  readonly clock: string | null;
  /** Expirations that were not read yet, as a decimal number. */
  readonly ticks: string | null;
  /** Nanoseconds to the next expiration, as a decimal number; `'0'`: not armed. */
  readonly remainingNs: string | null;
  /** Nanoseconds between expirations; `'0'`: it expires once. */
  readonly intervalNs: string | null;
}

/** A signalfd. */
export interface SignalfdTarget {
  readonly kind: 'signalfd';
  /** The signals' C names; null where the kernel's text could not be read. */
  readonly signals: readonly string[] | null;
}

/** A watch of an inotify descriptor. */
export interface InotifyWatchTarget {
  readonly wd: number;
  readonly inode: string;
  /** The device, as the kernel prints it: major << 20 | minor. */
  readonly sdev: number;
  readonly mask: number;
  readonly flags: readonly string[];
  /** null: not found, see the docs page. */
  readonly path: string | null;
}

/** An inotify descriptor. */
export interface InotifyTarget {
  readonly kind: 'inotify';
  readonly watches: readonly InotifyWatchTarget[];
}

/** A pidfd. */
export interface PidfdTarget {
  readonly kind: 'pidfd';
  /** The process; null: it has ended and was waited for, or is outside this pid namespace. */
  readonly pid: number | null;
  readonly name: string | null;
}

/** Another epoll instance. */
export interface EpollTarget {
  readonly kind: 'epoll';
}

/** A terminal, a device, or another file with a path. */
export interface PathTarget {
  readonly kind: 'tty' | 'device' | 'file';
  readonly path: string;
}

/** A file without a path that is none of the above, by the kernel's name for it: `'[io_uring]'`. */
export interface AnonymousTarget {
  readonly kind: 'anonymous';
  readonly name: string;
}

/**
 * Nothing is known: the descriptor is closed and nobody who could be looked into has the file, or it could not be read.
 */
export interface UnknownTarget {
  readonly kind: 'unknown';
}

/** What a descriptor refers to. */
export type Target =
  | InetSocketTarget
  | UnixSocketTarget
  | OtherSocketTarget
  | PipeTarget
  | EventfdTarget
  | TimerfdTarget
  | SignalfdTarget
  | InotifyTarget
  | PidfdTarget
  | EpollTarget
  | PathTarget
  | AnonymousTarget
  | UnknownTarget;
