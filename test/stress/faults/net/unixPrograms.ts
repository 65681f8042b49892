import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EventFd } from 'epoll-ts';
import { type ReceivedFds, UnixListener, type UnixListenOptions, UnixStream, type UnixType } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import { inTime } from '../../../support/loopTurns.ts';
import {
  type Acts,
  asking,
  type MakeNetProgram,
  making,
  netProgram,
  type NetRig,
  receiving,
  sending,
  untilReadable,
} from './netRig.ts';

/** `UnixListener` and `UnixStream`. */
export const unixPrograms: readonly (readonly [name: string, make: MakeNetProgram])[] = [
  ['new UnixListener', netProgram((rig) => listening(rig, { path: socketPath(rig) }))],
  ['new UnixListener, mode', netProgram((rig) => listening(rig, { path: socketPath(rig), mode: 0o666 }))],
  ['new UnixListener, replaceStale', netProgram(replacing)],
  ['new UnixListener, path in use', netProgram(meeting)],
  ['UnixListener.tryAccept', netProgram((rig) => accepting(rig, async (listener) => listener.tryAccept()))],
  ['UnixListener.accept', netProgram((rig) => accepting(rig, (listener) => inTime('accept', listener.accept())))],
  ['UnixListener.attach', netProgram(attachingListener)],
  ['UnixListener.localPath', asking(listener, (own) => own.localPath !== null)],
  ['UnixListener.close', netProgram(closing)],
  ['UnixStream.connect', netProgram(connecting)],
  ['UnixStream.pair', netProgram(pairing)],
  ['UnixStream.attach', netProgram((rig) => attaching(rig))],
  ['UnixStream.peerCredentials', asking(pair, ({ own }) => own.peerCredentials.pid > 0)],
  ['UnixStream.tryRead', reading('stream', (own, into) => own.tryRead(into))],
  ['UnixStream.tryRead, message', reading('seqpacket', (own, into) => own.tryRead(into))],
  ['UnixStream.tryReadv, message', reading('seqpacket', (own, into) => own.tryReadv([into]))],
  ['UnixStream.read, message', reading('seqpacket', (own, into) => inTime('read', own.read(into)))],
  ['UnixStream.tryWrite, message', writing('seqpacket', (own, data) => own.tryWrite(data))],
  ['UnixStream.write', writing('stream', (own, data) => inTime('write', own.write(data)))],
  ['UnixStream.trySendFds', netProgram((rig) => sendingFds(rig, async (own, ...sent) => own.trySendFds(...sent)))],
  [
    'UnixStream.sendFds',
    netProgram((rig) => sendingFds(rig, (own, ...sent) => inTime('sending', own.sendFds(...sent)))),
  ],
  ['UnixStream.tryReceiveFds', receivingFds('stream', async (own, into) => own.tryReceiveFds(into))],
  ['UnixStream.tryReceiveFds, message', receivingFds('seqpacket', async (own, into) => own.tryReceiveFds(into))],
  ['UnixStream.receiveFds', receivingFds('stream', (own, into) => inTime('receiving', own.receiveFds(into)))],
];

/** A path in a folder that goes with the rig. */
function socketPath(rig: NetRig): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-faults-'));
  rig.keep({ close: () => rmSync(folder, { recursive: true }) });
  return path.join(folder, 'socket');
}

function listener(rig: NetRig): UnixListener {
  return rig.keep(new UnixListener({ path: `\0epoll-ts-faults-${process.pid}`, reactor: rig.reactor }));
}

function pair(rig: NetRig, type?: UnixType): { readonly own: UnixStream; readonly peer: UnixStream } {
  const [own, peer] = UnixStream.pair({ ...(type === undefined ? {} : { type }), reactor: rig.reactor });
  return { own: rig.keep(own), peer: rig.keep(peer) };
}

/** Where it fails no file is left in the way of the next try. */
function listening(rig: NetRig, options: UnixListenOptions): Acts {
  let made = 0;
  const act = (): string => {
    rig.keep(new UnixListener({ ...options, reactor: rig.reactor }));
    made++;
    return 'made';
  };
  const again = (): void => {
    if (made > 0) return;
    assert.equal(existsSync(String(options.path)), false, 'the file is left');
    act();
  };
  return { act, again };
}

function replacing(rig: NetRig): Acts {
  const file = socketPath(rig);
  const stale = sys.socket(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
  assert.equal(sys.bind(stale, sys.encodeSockaddr({ family: sys.AF_UNIX, path: file })), 0);
  sys.close(stale);
  return making(rig, () => new UnixListener({ path: file, replaceStale: true, reactor: rig.reactor }));
}

/** Its error says that the path is in use, whatever happens while it finds out by whom. */
function meeting(rig: NetRig): Acts {
  const file = socketPath(rig);
  rig.keep(new UnixListener({ path: file, reactor: rig.reactor }));
  return { act: () => void rig.keep(new UnixListener({ path: file, reactor: rig.reactor })) };
}

async function accepting(rig: NetRig, take: (from: UnixListener) => Promise<UnixStream | null>): Promise<Acts> {
  const from = listener(rig);
  const client = rig.keep(await UnixStream.connect({ path: from.localPath ?? '', reactor: rig.reactor }));
  client.tryWrite(Buffer.from('hello'));
  let accepted: UnixStream | undefined;
  const act = async (): Promise<string> => {
    const taken = await take(from);
    if (taken !== null) accepted = rig.keep(taken);
    return taken === null ? 'null' : 'accepted';
  };
  const again = async (): Promise<void> => {
    if (accepted === undefined) await act();
    assert.equal(accepted?.tryRead(new Uint8Array(8)), 5);
  };
  return { act, again };
}

function attachingListener(rig: NetRig): Acts {
  const fd = new UnixListener({ path: `\0epoll-ts-faults-${process.pid}` }).detach();
  return making(rig, () => UnixListener.attach(fd, { reactor: rig.reactor }));
}

/** The descriptor is closed in any case; a file that could not be removed is the caller's. */
function closing(rig: NetRig): Acts {
  const own = new UnixListener({ path: socketPath(rig), reactor: rig.reactor });
  return { act: () => own.close(), again: () => assert.equal(own.closed, true) };
}

function connecting(rig: NetRig): Acts {
  const { localPath } = listener(rig);
  const connect = async (): Promise<string> => {
    rig.keep(await inTime('connect', UnixStream.connect({ path: localPath ?? '', reactor: rig.reactor })));
    return 'connected';
  };
  return { act: connect, again: connect };
}

function pairing(rig: NetRig): Acts {
  const act = (): string => {
    const { own, peer } = pair(rig);
    own.tryWrite(Buffer.from('abc'));
    return String(peer.tryRead(new Uint8Array(8)));
  };
  return { act, again: act };
}

function attaching(rig: NetRig): Acts {
  const { own } = pair(rig);
  const fd = own.detach();
  return making(rig, () => UnixStream.attach(fd, { reactor: rig.reactor }));
}

function reading(
  type: UnixType,
  read: (own: UnixStream, into: Buffer) => number | null | Promise<number | null>,
): MakeNetProgram {
  return netProgram((rig) => {
    const { own, peer } = pair(rig, type);
    peer.tryWrite(Buffer.from('abc'));
    return receiving(own.fd, (into) => read(own, into));
  });
}

function writing(type: UnixType, write: (own: UnixStream, data: Buffer) => unknown): MakeNetProgram {
  return netProgram((rig) => {
    const { own, peer } = pair(rig, type);
    return sending(peer, (data) => write(own, data));
  });
}

type SendFds = (own: UnixStream, data: Buffer, fds: readonly EventFd[]) => Promise<unknown>;

/** Sends a counter along: what was sent arrives, once, and works. */
function sendingFds(rig: NetRig, send: SendFds): Acts {
  const { own, peer } = pair(rig);
  const counter = rig.keep(new EventFd());
  let sent = 0;
  const act = async (): Promise<string> => {
    const answer = await send(own, Buffer.from('abc'), [counter]);
    if (answer !== null) sent++;
    return answer === null ? 'null' : 'sent';
  };
  const again = async (): Promise<void> => {
    await act();
    for (let each = 0; each < sent; each++) assertWorks(peer.tryReceiveFds(new Uint8Array(3)), counter);
    assert.equal(peer.tryReceiveFds(new Uint8Array(3)), null, 'more came than was sent');
  };
  return { act, again };
}

function assertWorks(received: ReceivedFds | null, counter: EventFd): void {
  assert.equal(received?.bytes, 3);
  assert.equal(received.fds.length, 1);
  for (const fd of received.fds) {
    assert.equal(sys.eventfd_write(fd.fd, 7n), 0);
    assert.equal(counter.read(), 7n);
    fd.close();
  }
}

/** Two sendings with a counter each: both are received in the end, and no descriptor more. */
function receivingFds(
  type: UnixType,
  receive: (own: UnixStream, into: Buffer) => Promise<ReceivedFds | null>,
): MakeNetProgram {
  return netProgram((rig) => {
    const { own, peer } = pair(rig, type);
    const counter = rig.keep(new EventFd());
    for (let each = 0; each < 2; each++) assert.equal(peer.trySendFds(Buffer.from('abc'), [counter]), 3);
    untilReadable(own.fd);
    let left = 2;
    const act = async (): Promise<string> => {
      const received = await receive(own, Buffer.alloc(3));
      if (received === null) return 'null';
      assertWorks(received, counter);
      left--;
      return 'received';
    };
    const again = async (): Promise<void> => {
      while (left > 0) await act();
      assert.equal(own.tryReceiveFds(new Uint8Array(3)), null);
    };
    return { act, again };
  });
}
