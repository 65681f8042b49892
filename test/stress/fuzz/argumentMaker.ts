import * as epoll from 'epoll-ts';
import * as sys from 'epoll-ts/sys';
import type { Descriptors } from './descriptors.ts';
import type { GuardedBytes } from './guardedBytes.ts';
import type { Declarations, Declared } from './declarations.ts';
import type { HostileMaker } from './hostileMaker.ts';
import { netMaker } from './netMakers.ts';
import type { NetWorld } from './netWorld.ts';
import type { Parameter } from './parameters.ts';
import type { Random } from './random.ts';
import type { Callable } from './surface.ts';

/** What the arguments of a call are drawn from. */
export interface Sources {
  readonly random: Random;
  readonly hostile: HostileMaker;
  readonly descriptors: Descriptors;
  readonly guarded: GuardedBytes;
  /** Numbers of processes that may be signalled. */
  readonly pids: readonly number[];
  readonly declarations: Declarations;
  readonly world: NetWorld;
  readonly memory: Make;
  readonly abortSignal: Make;
  /** The objects that are there: of all classes of the package. */
  objects(): readonly object[];
  /** Has an object be closed sooner or later. */
  keep(object: object): void;
}

/** Makes a value for a parameter of some kind. */
export type Make = (sources: Sources, name: string) => unknown;

const constants = [...new Set(Object.values(sys).filter((value) => typeof value === 'number'))];
const flagNames = ['readable', 'writable', 'priority', 'readHangup', 'wakeup', 'exclusive'];
// SIGCONT, SIGURG and SIGWINCH do nothing to a process that does not ask for them; 0 is no signal.
const harmless = [0, sys.SIGCONT, sys.SIGURG, sys.SIGWINCH, 'SIGCONT', 'SIGWINCH'];
const paths = ['.', 'a', 'b', 'dir', 'dir/c', 'none/x', '', 'x'.repeat(300), 'x'.repeat(5000), 'a\0b', '\ud800'];

const integer: Make = ({ random }) => {
  if (random.chance(40)) return random.below(9);
  return random.chance(50) ? random.pick(constants) : random.pick(constants) | random.pick(constants);
};
const wide: Make = ({ random }) => random.pick([0n, 1n, 5, 0, 2n ** 64n - 1n, 2n ** 53n, 1_000_000n, 1000]);
const descriptor: Make = ({ descriptors }) => descriptors.any();
const pid: Make = ({ random, pids }) => random.pick([...pids, -1, 0x7fff_fff0]);
// Mostly one of few, so that what is added is also modified and deleted.
const object: Make = ({ random, objects }) => {
  const withFd = objects().filter((candidate) => 'fd' in candidate);
  return random.pick([{}, ...(random.chance(70) ? withFd.slice(0, 4) : objects())]);
};
export const memory: Make = ({ random, guarded, hostile }) =>
  random.chance(80) ? guarded.make(random.pick([0, 1, 4, 8, 12, 16, 64, 128, 1024])) : hostile.bytes();
const signals: Make = ({ random }) =>
  Array.from({ length: random.below(4) }, () =>
    random.pick(['SIGHUP', 'SIGWINCH', 'SIGRTMIN+3', 1, 64, 65, 'SIGKILL']),
  );
const signalSet: Make = (sources) => new sys.SignalSet(['SIGHUP', sources.random.pick([1, 64, 'SIGURG'])]);
export const abortSignal: Make = ({ random }) => {
  const controller = new AbortController();
  const way = random.below(4);
  if (way === 0) controller.abort();
  // No timer: a microtask, which runs when the batch of calls is over.
  if (way === 1) queueMicrotask(() => controller.abort());
  return controller.signal;
};
const eventBuffer: Make = ({ random }) => new sys.EpollEventBuffer(random.pick([1, 4, 64]));
const path: Make = ({ random }) => (random.chance(80) ? random.pick(paths) : Buffer.from(random.pick(paths)));
const interest: Make = (sources) => {
  const names = flagNames.filter(() => sources.random.chance(30));
  const trigger = sources.random.pick(['level', 'edge', 'oneshot', 'edge-oneshot', 'none']);
  return sources.hostile.record([...names, ...(sources.random.chance(70) ? ['trigger'] : [])], (name) =>
    name === 'trigger' ? trigger : true,
  );
};
// Addresses of this machine only: nothing that is sent leaves it.
const address: Make = ({ random }) =>
  random.pick<object>([
    { family: sys.AF_INET, address: '127.0.0.1', port: random.pick([0, 9, 65535, 65536]) },
    { family: sys.AF_INET6, address: '::1', port: 0, scopeId: random.below(3) },
    { family: sys.AF_UNIX, path: random.pick(['sock', '\0epoll-ts-fuzz', '']) },
    { family: random.below(60) },
  ]);
const addressBytes: Make = (sources) => {
  const { random } = sources;
  if (random.chance(40)) return new sys.SockaddrBuffer();
  if (random.chance(20)) return null;
  const valid = sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port: random.pick([0, 9]) });
  return random.chance(70) ? valid : valid.subarray(0, random.below(valid.length));
};
const pollList: Make = ({ random, descriptors, hostile }) =>
  Array.from({ length: random.below(4) }, () =>
    hostile.record(['fd', 'events', 'revents'], (name) => (name === 'fd' ? descriptors.any() : random.below(64))),
  );
const byteList: Make = (sources) => Array.from({ length: sources.random.below(4) }, () => memory(sources, ''));
const handler: Make = ({ random, hostile }) => random.pick([() => {}, () => void hostile.any(false), async () => {}]);
const times: Make = ({ random }) =>
  random.pick([0, 0, 0, 1, 0.5, -1, -2, 2 ** 31, Infinity, NaN, 0n, 1n, 2n ** 62n, null]);
const record: Make = (sources) => {
  const { random, declarations } = sources;
  const names = Array.from({ length: random.below(4) }, () => random.pick(declarations.optionNames));
  return sources.hostile.record(names, (name) => sensible(sources, name));
};
const timer: Make = ({ random, hostile }) =>
  hostile.record(random.pick([['afterNs'], ['everyNs'], ['atNs'], ['afterNs', 'everyNs'], ['afterNs', 'atNs']]), () =>
    random.pick([0n, 1, 5n, 1_000_000n, -1n]),
  );
const iovec: Make = byteList;

// By the name of the parameter or option: a new function is covered as soon as it names its parameters as the others
// do.
const makers: readonly (readonly [names: RegExp, make: Make])[] = [
  [/^(?:fd|epfd|sockfd|oldfd|pidfd|efd|tfd|targetfd)$/, descriptor],
  [/^(?:newfd)$/, ({ descriptors }) => descriptors.disposable()],
  [/^(?:idx[12])$/, (sources) => (sources.random.chance(70) ? sources.descriptors.any() : record(sources, ''))],
  [/^(?:target)$/, (sources) => (sources.random.chance(40) ? sources.descriptors.any() : object(sources, ''))],
  [/^(?:pid|tgid|tid)$/, pid],
  [/^pid[12]$/, (sources) => (sources.random.chance(70) ? process.pid : pid(sources, ''))],
  [/^(?:sig)$/, ({ random }) => random.pick(harmless)],
  [/^(?:signal)$/, (sources) => (sources.random.chance(50) ? sources.random.pick(harmless) : abortSignal(sources, ''))],
  [/^(?:signals)$/, signals],
  [/^(?:sigmask|set|oldset)$/, (sources) => (sources.random.chance(70) ? signalSet(sources, '') : null)],
  [/^(?:mask)$/, (sources) => (sources.random.chance(80) ? integer(sources, '') : signalSet(sources, ''))],
  [/^(?:events)$/, (sources) => (sources.random.chance(50) ? integer(sources, '') : 1)],
  [/^(?:buffer)$/, eventBuffer],
  [/^(?:buf|into|argp|optval|bytes)$/, memory],
  [/^(?:bufs|iov|vector)$/, iovec],
  [
    /^(?:data|value|initval|initial|valueNs|intervalNs|afterNs|everyNs|atNs)$/,
    (sources) => (sources.random.chance(70) ? wide(sources, '') : memory(sources, '')),
  ],
  [/^(?:path|pathname)$/, path],
  [/^(?:address)$/, (sources) => (sources.random.chance(70) ? address(sources, '') : '127.0.0.1')],
  [/^(?:addr|from)$/, addressBytes],
  [/^(?:fds)$/, pollList],
  [/^(?:interest)$/, interest],
  [/^(?:handler|onWake|on[A-Z]\w*)$/, handler],
  [/^(?:timeoutMs|timeoutNs)$/, times],
  [/^(?:newValue|oldValue)$/, ({ hostile }) => hostile.record(['valueNs', 'intervalNs'], () => 0n)],
  [
    /^(?:params)$/,
    ({ hostile, random }) =>
      hostile.record(['busyPollUsecs', 'busyPollBudget', 'preferBusyPoll'], (name) =>
        name === 'preferBusyPoll' ? random.chance(50) : random.below(9),
      ),
  ],
  [/^(?:setting)$/, timer],
  [/^(?:options|subject)$/, record],
  [/^(?:watch)$/, ({ random, objects }) => random.pick([{}, ...objects().filter((candidate) => 'wd' in candidate)])],
  [/^(?:clock)$/, ({ random }) => random.pick(['monotonic', 'realtime', 'boottime', 'realtime-alarm', 'none'])],
  [/^(?:trigger)$/, ({ random }) => random.pick(['level', 'edge', 'oneshot', 'edge-oneshot'])],
  [/^(?:directed)$/, ({ random }) => random.pick(['thread', 'process'])],
  [
    /^(?:semaphore|cancelOnSet|preferBusyPoll|readable|writable|priority|readHangup|wakeup|exclusive)$/,
    ({ random }) => random.chance(50),
  ],
  [
    /^(?:flags|op|cmd|arg|level|optname|how|domain|type|protocol|backlog|mode|clockid|index|capacity|maxevents|count|offset|wd|error|answer|port|family|size|length|toff)$/,
    integer,
  ],
];
/** Where a small number can't be taken for a descriptor. */
const plain =
  /^(?:flags|op|cmd|arg|level|optname|how|domain|type|protocol|backlog|mode|clockid|index|capacity|maxevents|count|offset|wd|error|answer|port|family|size|length|toff|mask|events|timeoutMs|timeoutNs|data|value|initval|initial|\w+Ns|signals?)$/;

/** A value that this parameter could take. */
function sensible(sources: Sources, name: string): unknown {
  const make = makers.find(([names]) => names.test(name))?.[1];
  if (make !== undefined) return make(sources, name);
  return sources.hostile.any(false);
}

const nameless: Parameter = { name: '', type: '', optional: true, members: [] };

/** One argument: mostly one that the parameter could take, or else anything. */
export function argumentFor(sources: Sources, callable: Callable, index: number): unknown {
  const parameter = callable.parameters[index] ?? nameless;
  const { name, members } = parameter;
  const { random } = sources;
  // What a wait fills stands first, a mask does not.
  if (name === 'events' && index === 0 && random.chance(75)) return eventBuffer(sources, '');
  if (!random.chance(callable.net ? 85 : 75)) {
    return random.chance(20) ? object(sources, '') : sources.hostile.any(plain.test(name));
  }
  const value = (one: Declared): unknown => {
    const make = callable.net ? netMaker(one, callable.name) : undefined;
    return make === undefined ? sensible(sources, one.name) : make(sources, one.name);
  };
  if (members.length === 0 || (name !== 'options' && knows(callable, parameter))) return value(parameter);
  // All that it must have, mostly, and some of the rest.
  const given = members.filter(({ optional }) => random.chance(callable.net ? (optional ? 25 : 95) : 60));
  return sources.hostile.record(
    given.map((member) => member.name),
    (member) => value(given.find((one) => one.name === member) ?? nameless),
  );
}

function knows({ net, name }: Callable, parameter: Declared): boolean {
  return makers.some(([names]) => names.test(parameter.name)) || (net && netMaker(parameter, name) !== undefined);
}

/** An object of the package to start with, so that there is something to be called on. */
export function seedObjects({ random, world }: Sources): readonly object[] {
  if (random.chance(50)) return world.seed();
  return [
    random.pick<() => object>([
      () => new epoll.Epoll(),
      () => new epoll.EventFd({ initial: 1n }),
      () => new epoll.TimerFd(),
      () => new epoll.Pipe(),
      () => new epoll.Inotify(),
      () => new epoll.Reactor(),
      () => new sys.EpollEventBuffer(4),
      () => new sys.SignalSet(['SIGHUP']),
      () => new sys.SockaddrBuffer(),
    ])(),
  ];
}
