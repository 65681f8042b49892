import { Reactor } from 'epoll-ts';
import { StreamSet, TcpListener, TcpStream, threadReactor, UdpSocket, UnixListener, UnixStream } from 'epoll-ts/net';
import type { Make, Sources } from './argumentMaker.ts';
import type { Declared } from './declarations.ts';
import { Marker } from './hostileMaker.ts';

const hosts = ['127.0.0.1', '127.0.0.1', '::1', 'localhost', '::ffff:127.0.0.1', 'none', 'a b', '', 5, null];
const addresses = ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', '::', '0.0.0.0', 'none', '', 5, null];
const groups = ['239.1.2.3', '239.9.9.9', '127.0.0.1', 'ff02::1234%1', 'none', 7, null];
const times = [0, 0, 1, 1, 5, 20, 2 ** 31, Infinity, undefined, NaN, -1, '1', 1n];
const modules = ['../../support/connectionModule.js', './none.js'].map((name) => new URL(name, import.meta.url));

const attachable: Readonly<Record<string, Function>> = { TcpStream, TcpListener, UnixStream, UnixListener, UdpSocket };

const record = (sources: Sources, members: Readonly<Record<string, Make>>): unknown =>
  sources.hostile.record(Object.keys(members), (name) => members[name]?.(sources, name));
const host: Make = ({ random }) => random.pick(hosts);
const address: Make = ({ random }) => random.pick(addresses);
const peerPort: Make = ({ world }) => world.peerPort();
const peer: Make = (sources) =>
  record(sources, sources.random.chance(30) ? { host, port: peerPort } : { address, port: peerPort });
const ofClass =
  (Class: Function): Make =>
  ({ random, objects, hostile }) => {
    const found = objects().filter((object) => object instanceof Class);
    return found.length > 0 && random.chance(90) ? random.pick(found) : hostile.any(false);
  };
// A set's own number is kept from all else, as it trusts what is in its interest list.
const target = (sources: Sources, owner: string): unknown => {
  const { random, objects, descriptors } = sources;
  if (random.chance(50) && Object.hasOwn(attachable, owner)) return ofClass(attachable[owner] as Function)(sources, '');
  const found = objects().filter((object) => 'fd' in object && !(object instanceof StreamSet));
  if (found.length > 0 && random.chance(60)) return random.pick(found);
  return random.chance(80) ? descriptors.any() : record(sources, { fd: () => descriptors.any() });
};
const callback: Make = ({ random }) =>
  random.pick<unknown>([
    () => {},
    () => {},
    async () => {},
    () => {
      throw new Marker('thrown by a handler');
    },
    null,
    7,
  ]);
// Whoever does not close the connection keeps it: then it is closed at the end.
const onConnection: Make = ({ random, keep, guarded }) =>
  random.pick<unknown>([
    (stream: TcpStream) => keep(stream),
    (stream: TcpStream) => stream.close(),
    async () => {},
    async (stream: TcpStream) => {
      const into = guarded.make(64);
      for (let count; (count = await stream.read(into)) > 0;) await stream.write(into.subarray(0, count));
    },
    async (stream: TcpStream) => {
      keep(stream);
      throw new Marker('thrown by a handler');
    },
    modules[0],
    modules[1],
    null,
  ]);

// By the name of the parameter or option, in `epoll-ts/net`.
const named: readonly (readonly [names: RegExp, make: Make])[] = [
  [/^host$/, host],
  [/^(?:address|localAddress)$/, address],
  [/^group$/, ({ random }) => random.pick(groups)],
  [/^peerPort$/, peerPort],
  [/^port$/, ({ random }) => random.pick([0, 0, 0, 0, 65_536, -1, 1.5, '0', undefined])],
  [/^family$/, ({ random }) => random.pick([4, 4, 6, 6, undefined, 5, '4'])],
  [/^(?:peer|to)$/, peer],
  [/^reactor$/, (sources, name) => (sources.random.chance(40) ? threadReactor() : ofClass(Reactor)(sources, name))],
  [/^listener$/, (sources, name) => ofClass(sources.random.chance(50) ? TcpListener : UnixListener)(sources, name)],
  [/^path$/, ({ world }) => world.path()],
  [/^type$/, ({ random }) => random.pick(['stream', 'stream', 'seqpacket', 'dgram', undefined])],
  [/^mode$/, ({ random }) => random.pick([0o600, 0o700, 0, 0o1777, -1, '600'])],
  [/^direction$/, ({ random }) => random.pick(['read', 'write', 'both', 'none', undefined])],
  [/^deadlineMs$/, ({ random }) => random.pick([0, 0, 1, 5, 2 ** 31, Infinity, NaN, -1, '1'])],
  [/^workers$/, ({ world }) => world.workers()],
  [/^onConnection$/, onConnection],
  [/^tag$/, ({ random }) => random.pick([0, 1, 2 ** 32 - 2, 2 ** 32 - 1, -1, 1.5])],
  [/Ms$/, ({ random }) => random.pick(times)],
  [/HighWaterMark$|^highWaterMark$/, ({ random }) => random.pick([0, 1, 16, 65_536, 65_536, -1, NaN, '1'])],
  [/^(?:chunk|view)$/, (sources, name) => (sources.random.chance(80) ? sources.memory(sources, name) : 'text')],
  [/^encoding$/, ({ random }) => random.pick(['utf8', 'hex', 'none', undefined])],
  [/^(?:cb|callback|handler)$/, callback],
];
// By its declared type.
const typed: readonly (readonly [types: RegExp, make: Make])[] = [
  [
    /^(?:readonly )?FdLike\[\]/,
    (sources) => Array.from({ length: sources.random.below(4) }, () => target(sources, '')),
  ],
  [
    /Uint8Array\[\]/,
    (sources, name) => Array.from({ length: sources.random.below(4) }, () => sources.memory(sources, name)),
  ],
  [/Uint8Array/, (sources, name) => sources.memory(sources, name)],
  [/AbortSignal/, (sources, name) => sources.abortSignal(sources, name)],
  [/=>|Handler|Function/, callback],
  [
    /^ByteStream/,
    ({ random, objects, hostile }) => {
      const found = objects().filter((object) => 'tryRead' in object);
      return found.length > 0 && random.chance(90) ? random.pick(found) : hostile.any(false);
    },
  ],
  [/^boolean/, ({ random }) => random.pick([true, true, false, undefined, 1])],
  [/^number/, ({ random }) => random.pick([0, 1, 2, 5, 100, 4096, 70_000, 2 ** 31, -1, 0.5, NaN, null])],
  [/^unknown$/, ({ hostile }) => hostile.any(true)],
];

/** What makes a value for a parameter, or an option, of `epoll-ts/net`. @param callable what it is called with */
export function netMaker({ name, type }: Pick<Declared, 'name' | 'type'>, callable: string): Make | undefined {
  if (type.startsWith('FdLike') && !type.includes('[')) {
    return (sources) => target(sources, /^net\.(\w+)/.exec(callable)?.[1] ?? '');
  }
  const known = name === 'port' && /connect|send/i.test(callable) ? 'peerPort' : name;
  return named.find(([names]) => names.test(known))?.[1] ?? typed.find(([types]) => types.test(type))?.[1];
}
