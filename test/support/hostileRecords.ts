import * as sys from 'epoll-ts/sys';
import {
  hostile,
  hostileBytes,
  hostileDurations,
  hostileInts,
  hostileMasks,
  hostileRecords,
  hostileUints,
  type HostileValue,
  orAbsent,
  orNull,
} from './hostileValues.ts';

// Values for the parameters that are objects and lists: right but for one member or element.

const memory = new Uint8Array(8);
const endless: unknown = Object.assign([], { length: 2 ** 32 - 1 });

/** Commands of fcntl whose argument is a pointer. */
export const fcntlPointerCommands: readonly HostileValue[] = [
  5, 6, 7, 15, 16, 17, 36, 37, 38, 1035, 1036, 1037, 1038, 1039, 1040,
].map((value) => ({ label: `command ${value}`, value }));

/** For the buffers of readv and writev. */
export const vectors: readonly HostileValue[] = [
  ...hostileRecords.filter(({ label }) => label !== '[]'),
  ...inEach('an array with', hostileBytes, (value) => [memory, value]),
  ...hostile({
    'a Uint8Array': memory,
    'an array with a hole': withHole(memory),
    '1025 buffers': Array.from({ length: 1025 }, () => memory),
    'an endless array': endless,
    'a proxy that claims 2000 buffers': new Proxy([memory], {
      get: (target, key) => (key === 'length' ? 2000 : (Reflect.get(target, key) as unknown)),
    }),
  }),
];

const entry = { fd: 3, events: 1, revents: 0 };
/** For the list of poll. */
export const pollLists: readonly HostileValue[] = [
  ...hostileRecords.filter(({ label }) => label !== '[]'),
  ...inEach('an fd that is', hostileInts, (fd) => [entry, { ...entry, fd }]),
  ...inEach('events that are', hostileMasks, (events) => [{ ...entry, events }]),
  ...hostile({
    'an entry that is null': [null],
    'a hole': withHole(entry),
    'events of 17 bits': [{ ...entry, events: 65536 }],
    'an endless array': endless,
  }),
];

const slot = { efd: 3, tfd: 4, toff: 0 };
/** For the KcmpEpollSlot of kcmp. */
export const slots: readonly HostileValue[] = [...hostileRecords, ...inMembers(slot, hostileUints)];

/** For the new setting of timerfd_settime. */
export const timers: readonly HostileValue[] = [
  ...hostileRecords,
  ...inMembers({ valueNs: 0n, intervalNs: 0n }, hostileDurations),
];

/** Right parameters of epoll_set_params, but for a change. */
export function busyPoll(changed: object): object {
  return { busyPollUsecs: 1, busyPollBudget: 1, preferBusyPoll: false, ...changed };
}
/** For the parameters of epoll_set_params. */
export const badParams: readonly HostileValue[] = [
  ...hostileRecords,
  ...inEach('busyPollUsecs that is', hostileUints, (busyPollUsecs) => busyPoll({ busyPollUsecs })),
  ...inEach('busyPollBudget that is', [...hostileUints, ...hostile({ 65536: 65536 })], (busyPollBudget) =>
    busyPoll({ busyPollBudget }),
  ),
  ...inEach(
    'preferBusyPoll that is',
    hostileUints.filter(({ value }) => value !== true),
    (preferBusyPoll) => busyPoll({ preferBusyPoll }),
  ),
];

const inet = { family: sys.AF_INET, address: '127.0.0.1', port: 80 };
const inet6 = { family: sys.AF_INET6, address: '::1', port: 80 };
const unix = { family: sys.AF_UNIX, path: '/tmp/x' };
const noTexts = hostileInts.filter(({ value }) => typeof value !== 'string');
const ports = [...hostileUints, ...hostile({ 65536: 65536 })];
const optional = orNull(orAbsent(hostileUints));
const texts4 = [
  '',
  'localhost',
  '127.0.0',
  '127.0.0.256',
  '127.0.0.1\0',
  '1.2.3.4.5',
  '::1',
  '0x7f.0.0.1',
  ' 127.0.0.1',
];
const texts6 = ['', '127.0.0.1', ':::', '::1%lo', '::1\0', '[::1]', '1:2:3:4:5:6:7:8:9', '::g'];
const paths = ['a\0b', 'x'.repeat(108), `\0${'x'.repeat(108)}`, 'ä'.repeat(54)];
/** For encodeSockaddr. */
export const badAddresses: readonly HostileValue[] = [
  ...hostileRecords,
  ...inEach('a family that is', hostileInts, (family) => ({ ...inet, family })),
  ...inEach('a port that is', ports, (port) => ({ ...inet, port })),
  ...inEach('an IPv6 port that is', ports, (port) => ({ ...inet6, port })),
  ...inEach('a flowinfo that is', optional, (flowinfo) => ({ ...inet6, flowinfo })),
  ...inEach('a scopeId that is', optional, (scopeId) => ({ ...inet6, scopeId })),
  ...inEach('an address that is', [...noTexts, ...labelled(texts4)], (address) => ({ ...inet, address })),
  ...inEach('an IPv6 address that is', [...noTexts, ...labelled(texts6)], (address) => ({ ...inet6, address })),
  ...inEach('a path that is', [...noTexts, ...labelled(paths)], (path) => ({ ...unix, path })),
];

const eventBytes = process.arch === 'x64' ? 12 : 16;
/** For the capacity of an EpollEventBuffer. */
export const capacities: readonly HostileValue[] = [
  ...hostileInts,
  ...hostile({ 0: 0, '-1': -1, 'beyond the kernel’s limit': Math.floor(0x7fffffff / eventBytes) + 1 }),
];

/** For a signal, which is a number or a name. */
export const signalValues: readonly HostileValue[] = [
  ...hostileInts,
  ...hostile({ 0: 0, 65: 65, '-1': -1 }),
  ...labelled(['HUP', 'sighup', 'SIGHUP ', 'SIGNOPE', 'toString', '__proto__', '1']),
];
/** For a list of signals. */
export const signalLists: readonly HostileValue[] = [
  ...hostileRecords.filter(({ value }) => value !== '' && !Array.isArray(value)),
  ...inEach('a list with', signalValues, (signal) => [1, signal]),
  ...hostile({ 'a text that is a name': 'SIGHUP', 'a function': () => [1] }),
];

/** For a decoder, which has no memory to read: what it does with a view of another type is its own affair. */
export const notViews: readonly HostileValue[] = hostileBytes.filter(
  ({ value }) => !ArrayBuffer.isView(value) || value.buffer.byteLength === 0,
);

function inEach(label: string, values: readonly HostileValue[], around: (value: unknown) => unknown): HostileValue[] {
  return values.map((inner) => ({ label: `${label} ${inner.label}`, value: around(inner.value) }));
}

function inMembers(good: object, values: readonly HostileValue[]): HostileValue[] {
  return Object.keys(good).flatMap((key) => inEach(`${key} that is`, values, (value) => ({ ...good, [key]: value })));
}

function labelled(values: readonly string[]): HostileValue[] {
  return values.map((value) => ({ label: JSON.stringify(value), value }));
}

function withHole(element: unknown): unknown[] {
  const list = [element];
  list[2] = element;
  return list;
}
