import type { Holder, Target } from './target.ts';

/** What waits on the file behind an entry at the time of looking, from ioctl(2) and TCP_INFO on a duplicate. */
export interface Backlog {
  /** Bytes that can be read (FIONREAD); connections to be accepted for a TCP listener. null: it has no such number. */
  readonly unread: number | null;
  /** Bytes that were written and are not yet taken by the peer (TIOCOUTQ). */
  readonly unsent: number | null;
  /** TCP: bytes that ever came in (Linux 4.1). */
  readonly received: number | null;
  /** TCP: bytes that the peer ever acknowledged (Linux 4.1). */
  readonly acknowledged: number | null;
}

/** An entry of an interest list, seen from outside the process. */
export interface InspectedEntry {
  /** The number under which the file was added. */
  readonly fd: number;
  /** The mask in force, as `/proc/PID/fdinfo` has it: EPOLLERR and EPOLLHUP are always in that of an armed entry. */
  readonly events: number;
  /** The same by name. */
  readonly flags: readonly string[];
  /** The user data as 16 hexadecimal digits after `0x`: JSON has no 64-bit integers. */
  readonly data: string;
  readonly trigger: 'level' | 'edge' | 'oneshot' | 'edge-oneshot';
  /** false: a one-shot that has fired and was not armed again. */
  readonly armed: boolean;
  /** Whether the file that was added is no longer what `fd` is; null: it could not be told. */
  readonly ghost: boolean | null;
  /** A ghost's file under another number, in this process or another one. Empty: nobody who could be looked into. */
  readonly heldBy: readonly Holder[];
  /** For a ghost whose number is open: what the number is now. */
  readonly now: Target | null;
  /** The file's inode number, as a decimal number; null before Linux 4.13. All anonymous files share one. */
  readonly inode: string | null;
  /** What is watched. For a ghost: the file that was added, as far as it is known. */
  readonly target: Target;
  /** What the entry would report now; null: not asked, see `notPolled`. */
  readonly ready: number | null;
  /** All of EPOLLIN, PRI, OUT, ERR, HUP, RDHUP that is true of the file now, asked for or not. */
  readonly condition: number | null;
  /** Why readiness was not asked for. `'consumes'`: asking would use the event up, see the docs page. */
  readonly notPolled: 'permission' | 'consumes' | 'closed' | 'off' | null;
  readonly backlog: Backlog | null;
}

/** An epoll instance of a process. */
export interface EpollInstance {
  /** The lowest descriptor number of it in this process. */
  readonly fd: number;
  /** All of them: duplicates share one interest list. */
  readonly fds: readonly number[];
  /** Whether it is closed when the process executes another program. */
  readonly closeOnExec: boolean;
  /** The same instance in other processes; null: not looked for, or the kernel refuses to tell. */
  readonly sharedWith: readonly SharedInstance[] | null;
  /** The instances of this process that watch it, by their `fd`. */
  readonly watchedBy: readonly number[];
  /** The number of instances in the longest chain from this one down, itself included. The kernel allows 5 in all. */
  readonly depth: number;
  readonly entries: readonly InspectedEntry[];
}

/** An epoll instance in another process. */
export interface SharedInstance extends Holder {
  /** What the other process is to this one. */
  readonly relation: 'child' | 'parent' | 'other';
  /** Whether it runs the same executable; null: not known. */
  readonly sameProgram: boolean | null;
}

/** An instance elsewhere that watches the same file as an entry of this process. */
export interface OtherWatcher {
  /** The inode of the watched socket, pipe or terminal. */
  readonly inode: string;
  readonly pid: number;
  readonly name: string;
  /** The epoll descriptor. */
  readonly epfd: number;
  readonly events: number;
}

/** CPU time of a thread. */
export interface ThreadTime {
  readonly tid: number;
  readonly name: string;
  /** Nanoseconds on a CPU. */
  readonly runNs: number;
  /** Of these, nanoseconds in the kernel, in steps of 10 ms. */
  readonly systemNs: number;
  /** Nanoseconds spent ready to run, waiting for a CPU; null: the kernel does not tell (no CONFIG_SCHED_INFO). */
  readonly waitNs: number | null;
}

/** Something that could not be seen. */
export interface Missing {
  /** What: `'ready'`, `'ghosts'`, `'shared'`, `'others'`, `'paths'`, `'watches'`. */
  readonly what: string;
  /** A line for a person: what is missing, why, and what it would take. */
  readonly text: string;
}

/** How near the user of a process is to `fs.epoll.max_user_watches`. */
export interface WatchLimit {
  /** The limit per user. */
  readonly max: number;
  /** Entries in the instances of those of the user's processes that could be read. An instance counts once. */
  readonly counted: number;
  readonly processes: number;
}

/** The epoll instances of a process at one time: plain data, the same as the JSON of `epoll inspect --json`. */
export interface ProcessSnapshot {
  readonly pid: number;
  readonly name: string;
  /** The command line, arguments separated by a space. */
  readonly command: string;
  /** The real user id. */
  readonly uid: number | null;
  /** When the process started, in clock ticks after boot: with the pid, it names the process for good. */
  readonly startTime: string;
  /** ISO 8601. */
  readonly time: string;
  /** The same time on the monotonic clock of the looking process, in milliseconds: for differences. */
  readonly monotonicMs: number;
  readonly threads: readonly ThreadTime[];
  readonly instances: readonly EpollInstance[];
  /** Who else watches this process's sockets, pipes and terminals; null: not looked for. */
  readonly otherWatchers: readonly OtherWatcher[] | null;
  /** null: not counted. */
  readonly watchLimit: WatchLimit | null;
  readonly missing: readonly Missing[];
}
