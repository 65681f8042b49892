import assert from 'node:assert/strict';
import { fstatSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { TcpListener, TcpStream } from 'epoll-ts/net';
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

/** `TcpListener` and `TcpStream`, with the streams that are made of one. */
export const tcpPrograms: readonly (readonly [name: string, make: MakeNetProgram])[] = [
  [
    'new TcpListener',
    netProgram((rig) => making(rig, () => new TcpListener({ address: '127.0.0.1', reactor: rig.reactor }))),
  ],
  ['new TcpListener, any address', netProgram(listeningAnywhere)],
  ['TcpListener.tryAccept', netProgram((rig) => accepting(rig, async (listener) => listener.tryAccept()))],
  ['TcpListener.accept', netProgram((rig) => accepting(rig, (listener) => inTime('accept', listener.accept())))],
  ['TcpListener, iterated', netProgram((rig) => accepting(rig, firstOf))],
  ['TcpListener.accept, warned', netProgram(warnedOnce)],
  ['TcpListener.accept, given up', netProgram((rig) => duringThePause(rig, 'abort'))],
  ['TcpListener.accept, closed', netProgram((rig) => duringThePause(rig, 'close'))],
  [
    'TcpListener.localAddress',
    asking(
      (rig) => rig.listener(),
      (own) => own.localAddress.address,
    ),
  ],
  ['TcpListener.attach', netProgram(attachingListener)],
  ['TcpListener.from', netProgram(borrowingListener)],
  ['TcpStream.connect', netProgram((rig) => connecting(rig))],
  ['TcpStream.connect, localAddress', netProgram((rig) => connecting(rig, '127.0.0.1'))],
  ['TcpStream.attach', netProgram(attachingStream)],
  ['TcpStream.localAddress', asking(stream, (own) => own.localAddress.address)],
  ['TcpStream.tryRead', reading((own, into) => own.tryRead(into))],
  ['TcpStream.tryReadv', reading((own, into) => own.tryReadv([into.subarray(0, 2), into.subarray(2)]))],
  ['TcpStream.read', reading((own, into) => inTime('read', own.read(into)))],
  [
    'TcpStream.untilReadable',
    reading(async (own, into) => (await inTime('wait', own.untilReadable()), own.tryRead(into))),
  ],
  [
    'TcpStream.untilWritable',
    writing(async (own, data) => (await inTime('wait', own.untilWritable()), own.tryWrite(data))),
  ],
  ['TcpStream.read, joining', netProgram(joining)],
  ['TcpStream.read, of an unknown protocol', netProgram(readingAtOnce)],
  ['TcpStream.tryWrite', writing((own, data) => own.tryWrite(data))],
  ['TcpStream.tryWritev', writing((own, data) => own.tryWritev([data.subarray(0, 1), data.subarray(1)]))],
  ['TcpStream.write', writing((own, data) => inTime('write', own.write(data)))],
  ['TcpStream.writev', writing((own, data) => inTime('write', own.writev([data.subarray(0, 1), data.subarray(1)])))],
  ['TcpStream.shutdown', ending((own) => own.shutdown())],
  ['TcpStream.end', ending((own) => own.end())],
  ['TcpStream.noDelay', asking(stream, (own) => own.noDelay)],
  ['TcpStream.linger', asking(stream, (own) => own.linger)],
  ['TcpStream.linger=', asking(stream, (own) => (own.linger = 3))],
  ['TcpStream.setKeepAlive', asking(stream, (own) => own.setKeepAlive({ count: 3 }))],
  ['TcpStream.reset', netProgram(resetting)],
  ['TcpStream.close', netProgram(closing)],
  ['TcpStream.toDuplex, read', netProgram((rig) => readingAll(rig, (own) => text(own.toDuplex())))],
  ['TcpStream.toDuplex, write', duplexWriting((duplex, data, done) => void duplex.write(data, done))],
  ['TcpStream.toDuplex, writev', duplexWriting(corked)],
  ['TcpStream.toDuplex, end', netProgram(duplexEnding)],
  ['TcpStream.readable', netProgram((rig) => readingAll(rig, (own) => text(own.readable)))],
  ['TcpStream.readable, cancel', netProgram(cancelling)],
  ['TcpStream.writable', writing((own, data) => inTime('write', own.writable.getWriter().write(data)), 1)],
  ['TcpStream.writable, close', ending((own) => own.writable.close())],
];

function listeningAnywhere(rig: NetRig): Acts {
  const made = (): TcpListener => rig.keep(new TcpListener({ reactor: rig.reactor }));
  return { act: () => made().localAddress.family, again: made };
}

/** A connection that waits: it is accepted in the end, and carries bytes. */
async function accepting(rig: NetRig, take: (listener: TcpListener) => Promise<TcpStream | null>): Promise<Acts> {
  const listener = rig.listener();
  const client = await rig.client(listener);
  let accepted: TcpStream | undefined;
  const act = async (): Promise<string> => {
    const taken = await take(listener);
    if (taken !== null) accepted = rig.keep(taken);
    return taken === null ? 'null' : 'accepted';
  };
  const again = async (): Promise<void> => {
    if (accepted === undefined) await act();
    assert.ok(accepted !== undefined);
    await echoes(client, accepted);
    assert.equal(listener.tryAccept(), null, 'a second connection');
  };
  return { act, again };
}

async function echoes(client: TcpStream, server: TcpStream): Promise<void> {
  await client.write(Buffer.from('hello'));
  assert.equal(await inTime('the bytes', server.read(new Uint8Array(16))), 5);
}

async function firstOf(listener: TcpListener): Promise<TcpStream> {
  for await (const connection of listener) return connection;
  throw new Error('The listener was closed');
}

async function warnedOnce(rig: NetRig): Promise<Acts> {
  let warnings = 0;
  process.on('warning', ({ name }) => void (warnings += name === 'ListenerExhaustedWarning' ? 1 : 0));
  const { act, again } = await accepting(rig, (listener) => inTime('accept', listener.accept()));
  return { act: async () => `${String(await act())}, ${warnings} warning`, ...(again === undefined ? {} : { again }) };
}

async function duringThePause(rig: NetRig, how: 'abort' | 'close'): Promise<Acts> {
  const listener = rig.listener();
  await rig.client(listener);
  const stop = new AbortController();
  process.once('warning', () => {
    if (how === 'close') listener.close();
    else stop.abort(new RangeError('given up'));
  });
  const accepted = async (): Promise<TcpStream> => rig.keep(await inTime('accept', listener.accept()));
  return {
    act: () => inTime('the end of the wait', listener.accept({ signal: stop.signal })),
    again: async () => void (how === 'abort' && (await accepted())),
  };
}

async function stream(rig: NetRig): Promise<TcpStream> {
  return (await rig.pair()).own;
}

function attachingListener(rig: NetRig): Acts {
  const fd = new TcpListener({ address: '127.0.0.1' }).detach();
  return making(rig, () => TcpListener.attach(fd, { reactor: rig.reactor }));
}

function borrowingListener(rig: NetRig): Acts {
  const owner = rig.listener();
  return making(rig, () => TcpListener.from(owner, { reactor: rig.reactor }));
}

async function attachingStream(rig: NetRig): Promise<Acts> {
  const { own } = await rig.pair();
  const fd = own.detach();
  return making(rig, () => TcpStream.attach(fd, { reactor: rig.reactor }));
}

function connecting(rig: NetRig, localAddress?: string): Acts {
  const listener = rig.listener();
  const { port } = listener.localAddress;
  const from = localAddress === undefined ? {} : { localAddress };
  const connect = async (): Promise<TcpStream> =>
    rig.keep(await inTime('connect', TcpStream.connect({ host: '127.0.0.1', port, reactor: rig.reactor, ...from })));
  let client: TcpStream | undefined;
  return {
    act: async () => {
      client = await connect();
      return 'connected';
    },
    again: async () => {
      client ??= await connect();
      await client.write(Buffer.from('it is me'));
      // What was begun before the fault may wait here too.
      for (;;) {
        const server = rig.keep(await inTime('accept', listener.accept()));
        if ((await inTime('the bytes', server.read(new Uint8Array(16)))) === 8) return;
      }
    },
  };
}

function reading(read: (own: TcpStream, into: Buffer) => number | null | Promise<number | null>): MakeNetProgram {
  return netProgram(async (rig) => {
    const { own, peer } = await rig.pair();
    peer.tryWrite(Buffer.from('abc'));
    return receiving(own.fd, (into) => read(own, into));
  });
}

/** Nothing is there: the socket joins its reactor to wait. */
async function joining(rig: NetRig): Promise<Acts> {
  const { own, peer } = await rig.pair();
  return {
    act: () => own.read(new Uint8Array(8)),
    again: async () => {
      peer.tryWrite(Buffer.from('abc'));
      assert.equal(await inTime('the bytes', own.read(new Uint8Array(8))), 3);
    },
  };
}

/** A read that joins the reactor, and is served. */
async function readingAtOnce(rig: NetRig): Promise<Acts> {
  const { own, peer } = await rig.pair();
  return {
    act: () => {
      const read = own.read(new Uint8Array(8));
      peer.tryWrite(Buffer.from('abc'));
      return inTime('the bytes', read);
    },
  };
}

/** @param most how many writes the writer takes: a Web Stream that has failed takes none */
function writing(write: (own: TcpStream, data: Buffer) => unknown, most = Infinity): MakeNetProgram {
  return netProgram(async (rig) => {
    const { own, peer } = await rig.pair();
    const acts = sending(peer, (data) => write(own, data));
    return most === Infinity ? acts : { act: acts.act };
  });
}

function ending(end: (own: TcpStream) => unknown): MakeNetProgram {
  return netProgram(async (rig) => {
    const { own, peer } = await rig.pair();
    return {
      act: async () => {
        await end(own);
        return 'ended';
      },
      again: async () => {
        // After ENOTCONN, which strace made up, the direction is still open.
        await own.end().catch(() => own.close());
        assert.equal(await inTime('the end', peer.read(new Uint8Array(1))), 0);
      },
    };
  });
}

async function resetting(rig: NetRig): Promise<Acts> {
  const { own, peer } = await rig.pair();
  return {
    act: () => own.reset(),
    again: async () => {
      assert.equal(own.closed, true);
      const end = await inTime(
        'the end',
        peer.read(new Uint8Array(1)).catch((error: unknown) => (error as NodeJS.ErrnoException).code),
      );
      assert.ok(end === 0 || end === 'ECONNRESET', String(end));
    },
  };
}

/** What waits is told, whatever close(2) says. */
async function closing(rig: NetRig): Promise<Acts> {
  const { own } = await rig.pair();
  const { fd } = own;
  const wait = own.read(new Uint8Array(1)).then(
    () => 'read',
    (error: unknown) => (error as Error).name,
  );
  return {
    act: () => own.close(),
    again: async () => {
      assert.equal(await inTime('the rejection', wait), 'ClosedError');
      own.close();
      assert.equal(sys.close(fd), 0, 'closed a second time');
    },
  };
}

/**
 * Reads `abc` and the end by something that owns the direction: where that fails the descriptor is closed by its owner.
 */
async function readingAll(rig: NetRig, readAll: (own: TcpStream) => Promise<string>): Promise<Acts> {
  const { own, peer } = await rig.pair();
  peer.tryWrite(Buffer.from('abc'));
  peer.shutdown();
  untilReadable(own.fd);
  return { act: () => inTime('the end', readAll(own)) };
}

type DuplexWrite = (duplex: ReturnType<TcpStream['toDuplex']>, data: Buffer, done: (error: unknown) => void) => void;

function corked(...[duplex, data, done]: Parameters<DuplexWrite>): void {
  duplex.cork();
  duplex.write(data.subarray(0, 1));
  duplex.write(data.subarray(1), done);
  duplex.uncork();
}

function duplexWriting(write: DuplexWrite): MakeNetProgram {
  return netProgram(async (rig) => {
    const { own, peer } = await rig.pair();
    const { fd } = own;
    const duplex = own.toDuplex();
    duplex.on('error', () => {});
    let error: unknown;
    return {
      act: async () => {
        const written = new Promise((resolve) => {
          write(duplex, Buffer.from('abc'), resolve);
        });
        error = await inTime('the write', written);
        if (error instanceof Error) throw error;
        return 'sent';
      },
      again: async () => {
        if (error instanceof Error) return assertClosed(fd);
        assert.equal(await inTime('the bytes', peer.read(new Uint8Array(8))), 3);
      },
    };
  });
}

async function duplexEnding(rig: NetRig): Promise<Acts> {
  const { own, peer } = await rig.pair();
  const duplex = own.toDuplex();
  const over = finished(duplex, { readable: false }).then(() => 'ended');
  return {
    act: () => {
      duplex.end();
      return inTime('the end', over);
    },
    again: async () => {
      duplex.destroy();
      assert.equal(await inTime('the end', peer.read(new Uint8Array(1))), 0);
    },
  };
}

async function cancelling(rig: NetRig): Promise<Acts> {
  const { own, peer } = await rig.pair();
  return {
    act: () => own.readable.cancel(),
    again: async () => {
      own.close();
      assert.equal(await inTime('the end', peer.read(new Uint8Array(1))), 0);
    },
  };
}

function assertClosed(fd: number): void {
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
}
