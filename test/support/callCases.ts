import * as sys from 'epoll-ts/sys';
import {
  badAddresses,
  badParams,
  busyPoll,
  capacities,
  fcntlPointerCommands,
  notViews,
  pollLists,
  signalLists,
  signalValues,
  slots,
  timers,
  vectors,
} from './hostileRecords.ts';
import {
  andNull,
  hostile,
  hostileBytes,
  hostileData,
  hostileDurations,
  hostileInstances,
  hostileInts,
  hostileMasks,
  hostilePaths,
  hostileRecords,
  hostileUint64s,
  hostileUints,
  type HostileValue,
  orAbsent,
  orNull,
} from './hostileValues.ts';

/** A function, arguments that it takes, and for each of them the values that it must refuse. */
export interface CallCase {
  readonly good: readonly unknown[];
  readonly hostile: readonly (readonly HostileValue[])[];
  /** How many calls of C the good arguments make. */
  readonly reaches: number;
  /** Called with `new`. */
  readonly construct: boolean;
}

/** Exports that take no argument which could be wrong, each with the reason. */
export const exempt: ReadonlyMap<string, string> = new Map([
  ['gettid', 'has no parameter'],
  ['SockaddrBuffer', 'its constructor has no parameter'],
  ['UnsupportedError', 'an Error, whose arguments are texts'],
]);

const int = hostileInts;
const uint = hostileUints;
const mask = hostileMasks;
const buffer = new sys.EpollEventBuffer(4);
const signals = new sys.SignalSet();
const address = new sys.SockaddrBuffer();
const memory = new Uint8Array(8);
const bytes = hostileBytes;
const buffers = andNull(hostileInstances(buffer, signals));
const signalSets = hostileInstances(signals, buffer);
const addresses = hostileInstances(address, buffer);
const rights = { level: sys.SOL_SOCKET, type: sys.SCM_RIGHTS, data: memory };
const controlLists = [
  ...hostileRecords.filter(({ label }) => label !== '[]'),
  ...int.map(({ label, value }) => ({ label: `a level that is ${label}`, value: [{ ...rights, level: value }] })),
  ...int.map(({ label, value }) => ({ label: `a type that is ${label}`, value: [rights, { ...rights, type: value }] })),
  ...bytes.map(({ label, value }) => ({ label: `data that is ${label}`, value: [{ ...rights, data: value }] })),
  ...hostile({ 'a message that is null': [null], 'a Uint8Array': memory }),
];
const maxevents = [...int, ...hostile({ 'beyond the buffer': 5, 'far beyond the buffer': 0x7fffffff })];
const count = [...orAbsent(int), ...hostile({ '-1': -1, 'beyond the buffer': 9 })];
const timer = { valueNs: 0n, intervalNs: 0n };

/** By name; what stands after a colon tells apart the rows of one function. */
export const callCases: ReadonlyMap<string, CallCase> = new Map([
  ['accept4', row([3, null, 0], int, addresses, int)],
  ['close', row([3], int)],
  ['dup', row([3], int)],
  ['dup3', row([3, 4, 0], int, int, int)],
  ['epoll_create1', row([0], int)],
  ['epoll_ctl', row([3, sys.EPOLL_CTL_ADD, 4, 1, 5n], int, int, int, orAbsent(mask), hostileData)],
  ['epoll_get_params', row([3], int)],
  ['epoll_pwait', row([3, buffer, 4, 0, null], int, buffers, maxevents, int, signalSets)],
  ['epoll_pwait2', row([3, buffer, 4, 0n, null], int, buffers, maxevents, orNull(hostileDurations), signalSets)],
  ['epoll_wait', row([3, buffer, 4, 0], int, buffers, maxevents, int)],
  ['flock', row([3, sys.LOCK_UN], int, int)],
  ['eventfd', row([0, 0], uint, int)],
  ['eventfd_read', row([3], int)],
  ['eventfd_write', row([3, 1n], int, hostileUint64s)],
  ['fcntl', row([3, sys.F_GETFL, 0], int, [...int, ...fcntlPointerCommands], orAbsent(mask))],
  ['getpeername', row([3, address], int, andNull(addresses))],
  ['getsockname', row([3, address], int, andNull(addresses))],
  ['getsockopt', row([3, 1, 3, memory], int, int, int, bytes)],
  ['inotify_add_watch', row([3, '/tmp', 1], int, hostilePaths, mask)],
  ['inotify_init1', row([0], int)],
  ['inotify_rm_watch', row([3, 1], int, int)],
  ['ioctl', row([3, sys.FIONREAD, memory], int, mask, bytes)],
  ['listen', row([3, 5], int, int)],
  ['open', row(['/dev/null', 0, 0], hostilePaths, int, orAbsent(mask))],
  ['pidfd_getfd', row([3, 4, 0], int, int, uint)],
  ['pidfd_open', row([1, 0], int, uint)],
  ['pidfd_send_signal', row([3, 0, 0], int, int, uint)],
  ['pipe2', row([0], int)],
  ['pollOne', row([3, 1, 0], int, [...mask, ...hostile({ '-1': -1, '65536': 65536 })], int)],
  ['pthread_sigmask', row([sys.SIG_BLOCK, null, signals], int, signalSets, orAbsent(signalSets))],
  ['recv', row([3, memory, 0], int, bytes, int)],
  ['recvfrom', row([3, memory, 0, null], int, bytes, int, addresses)],
  ['send', row([3, memory, 0], int, bytes, int)],
  ['sendto', row([3, memory, 0, memory], int, bytes, int, bytes)],
  ['sendmsg', row([3, [memory], memory, 0], int, vectors, orNull(bytes), int)],
  [
    'recvmsg',
    row(
      [3, [memory], new sys.ControlBuffer(64), 0],
      int,
      vectors,
      hostileInstances(new sys.ControlBuffer(8), buffer),
      int,
    ),
  ],
  ['bind', row([3, memory], int, bytes)],
  ['connect', row([3, memory], int, bytes)],
  ['read', row([3, memory, 8], int, bytes, count)],
  ['write', row([3, memory, 8], int, bytes, count)],
  [
    'setsockopt',
    row(
      [3, 1, 2, 1],
      int,
      int,
      int,
      bytes.filter(({ value }) => value !== 0 && value !== 1),
    ),
  ],
  ['shutdown', row([3, 0], int, int)],
  ['signalfd', row([-1, signals, 0], int, andNull(signalSets), int)],
  ['socket', row([2, 1, 0], int, int, int)],
  ['socketpair', row([1, 1, 0], int, int, int)],
  ['tgkill', row([1, 1, 0], int, int, int)],
  ['timerfd_create', row([1, 0], int, int)],
  ['timerfd_gettime', row([3], int)],
  ['readv', row([3, [memory]], int, vectors)],
  ['writev', row([3, [memory]], int, vectors)],
  ['poll', row([[{ fd: 3, events: 1, revents: 0 }], 0], pollLists, int)],
  ['kcmp', row([1, 1, sys.KCMP_FILE, 3, 4], int, int, int, uint, uint)],
  ['kcmp:slot', row([1, 1, sys.KCMP_EPOLL_TFD, 3, { efd: 3, tfd: 4, toff: 0 }], int, int, [], uint, slots)],
  ['timerfd_settime', row([3, 0, timer, { ...timer }], int, int, timers, notObjects())],
  ['epoll_set_params', row([3, busyPoll({})], int, badParams)],
  ['encodeSockaddr', pure([{ family: sys.AF_INET, address: '127.0.0.1', port: 80 }], badAddresses)],
  [
    'ControlBuffer',
    { ...pure([64], [...int, ...hostile({ '-1': -1, 'a MiB and a byte': 1048577 })]), construct: true },
  ],
  ['encodeControl', pure([[rights]], controlLists)],
  ['EpollEventBuffer', { ...pure([4], capacities), construct: true }],
  ['SignalSet', { ...pure([[1, 'SIGHUP']], orAbsent(signalLists)), construct: true }],
  ['signalNumber', pure(['SIGHUP'], signalValues)],
  ['signalName', pure([1], [...int, ...hostile({ 0: 0, 65: 65 })])],
  [
    'errnoName',
    pure(
      [-9],
      int.filter(({ value }) => !Number.isInteger(value)),
    ),
  ],
  ['formatEvents', pure([1], mask)],
  ['eventNames', pure([1], mask)],
  ['decodeInotifyEvents', pure([new Uint8Array(16)], notViews)],
  [
    'decodeSignalfdSiginfo',
    pure([new Uint8Array(130), 2], notViews, [...orAbsent(int), ...hostile({ 3: 3, '-1': -1 })]),
  ],
]);

/** A function whose good arguments make one call of C. */
function row(good: readonly unknown[], ...values: readonly (readonly HostileValue[])[]): CallCase {
  return { good, hostile: values, reaches: 1, construct: false };
}

/** A function that never calls C. */
function pure(good: readonly unknown[], ...values: readonly (readonly HostileValue[])[]): CallCase {
  return { ...row(good, ...values), reaches: 0 };
}

function notObjects(): HostileValue[] {
  return orAbsent(hostileRecords).filter(({ value }) => typeof value !== 'object' || value === null);
}
