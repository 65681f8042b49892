import { lstatSync, type Stats, unlinkSync } from 'node:fs';
import {
  AF_UNIX,
  bind,
  connect,
  EACCES,
  EADDRINUSE,
  ECONNREFUSED,
  encodeSockaddr,
  ENOENT,
  listen,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socket,
  SOMAXCONN,
} from '../../../sys/index.ts';
import { SystemError } from '../../../index.ts';
import { answered, Descriptor } from '../descriptor.ts';
import type { Host, Source } from '../host.ts';
import { boundAddress, unixPeer } from '../socketAddress.ts';
import type { UnixSpec } from '../sourceSpec.ts';
import { openListener } from './listener.ts';

/** `unix:PATH`, `unix:@NAME`: listens, accepts, and reports each connection. Removes its path at the end. */
export function openUnix(spec: UnixSpec, host: Host): Source {
  const { path } = spec;
  const address = encodeSockaddr({ family: AF_UNIX, path });
  const named = !path.startsWith('\0');
  const subject = named ? { path } : {};
  if (named) makeRoom(path, address);
  const descriptor = unixSocket();
  let made: Stats | undefined;
  return openListener({
    spec,
    host,
    socket: descriptor,
    listen: () => {
      const answer = bind(descriptor.fd, address);
      answered(answer, 'bind', subject, advice(answer));
      made = statOf(path);
      answered(listen(descriptor.fd, SOMAXCONN), 'listen', subject);
      return boundAddress(descriptor.fd);
    },
    peerOf: unixPeer,
    onClose: () => removeOwn(path, made),
  });
}

// A socket file outlives its program. Nobody listens at one that refuses connections: it is in the way, and of no use.
function makeRoom(path: string, address: Uint8Array): void {
  const before = statOf(path);
  if (before === undefined) return;
  if (!before.isSocket())
    throw new SystemError(EADDRINUSE, 'bind', { path }, 'it exists and is no socket: choose another path');
  const probe = unixSocket();
  const answer = connect(probe.fd, address);
  probe.close();
  if (answer === -ECONNREFUSED) return unlinkSync(path);
  throw new SystemError(EADDRINUSE, 'bind', { path }, 'another program listens there: choose another path');
}

// Not a file that someone else put in its place.
function removeOwn(path: string, made: Stats | undefined): void {
  const now = made === undefined ? undefined : statOf(path);
  if (now !== undefined && now.ino === made?.ino && now.dev === made.dev) unlinkSync(path);
}

function unixSocket(): Descriptor {
  return new Descriptor(answered(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket'));
}

function statOf(path: string): Stats | undefined {
  return path.startsWith('\0') ? undefined : lstatSync(path, { throwIfNoEntry: false });
}

function advice(answer: number): string {
  switch (-answer) {
    case EADDRINUSE:
      return 'another program listens there: choose another name';
    case ENOENT:
      return 'the directory does not exist';
    case EACCES:
      return 'the directory is not writable for this user';
    default:
      return '';
  }
}
