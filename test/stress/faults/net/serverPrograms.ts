import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SystemError } from 'epoll-ts';
import {
  type ByteStream,
  serve,
  type ServeCounts,
  StreamSet,
  type TcpStream,
  UnixListener,
  UnixStream,
} from 'epoll-ts/net';
import { inTime, until } from '../../../support/loopTurns.ts';
import { type Acts, type MakeNetProgram, making, netProgram, type NetRig, untilReadable } from './netRig.ts';

/** `serve` and `StreamSet`. */
export const serverPrograms: readonly (readonly [name: string, make: MakeNetProgram])[] = [
  ['serve', netProgram(serving)],
  ['serve, deadline', netProgram(resetting)],
  ['serve, file that stays', netProgram(leavingTheFile)],
  ['serve, workers', netProgram((rig) => servingByWorker(rig, 'echo;', { finished: 3 }))],
  ['serve, a worker that exits', netProgram((rig) => servingByWorker(rig, 'exit;', { lost: 1, crashes: 1 }))],
  ['serve, in a worker', netProgram((rig) => servingByWorker(rig, 'echo;', { failed: 1 }, 'worker'))],
  ['serve, in a worker, in vain', netProgram((rig) => servingByWorker(rig, 'echo;', { finished: 3 }, 'worker'))],
  ['serve, in a worker that waits', netProgram((rig) => servingByWorker(rig, '', { failed: 1 }, 'worker'))],
  ['new StreamSet', netProgram((rig) => making(rig, () => new StreamSet()))],
  ['StreamSet.from', netProgram(borrowing)],
  ['StreamSet.size', netProgram(counting)],
  ['StreamSet.add', netProgram(adding)],
  ['StreamSet.take', netProgram((rig) => taking(rig, (set) => set))],
  ['StreamSet.take, borrowed', netProgram((rig) => taking(rig, (set) => rig.keep(StreamSet.from(set))))],
  ['StreamSet.stop', netProgram(stopping)],
  ['StreamSet.giveBack', netProgram(givingBack)],
  ['StreamSet.close', netProgram((rig) => closing(rig, true))],
  ['StreamSet.close, kept open', netProgram((rig) => closing(rig, false))],
];

async function echo(stream: ByteStream): Promise<void> {
  const into = new Uint8Array(64);
  for (let count; (count = await stream.read(into)) > 0;) await stream.write(into.subarray(0, count));
}

function summary({ accepted, ...ends }: ServeCounts, errors: readonly unknown[]): string {
  const other = Object.entries(ends).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]));
  const codes = errors.map((error) => (error as NodeJS.ErrnoException).code);
  return [`${accepted} accepted`, ...other, ...codes].join(', ');
}

/** A connection that waits is served, and the server stops. */
async function serving(rig: NetRig): Promise<Acts> {
  const listener = rig.listener();
  const client = await rig.client(listener);
  client.tryWrite(Buffer.from('hello'));
  client.shutdown();
  return {
    act: async () => {
      const stop = new AbortController();
      const errors: unknown[] = [];
      let over = false;
      const end = (): void => void (over = true);
      const onConnection = (stream: ByteStream): Promise<void> => echo(stream).finally(end);
      const server = serve({ listener, signal: stop.signal, onConnection, onError: (error) => errors.push(error) });
      server.finished.catch(end);
      // The client does not read: it makes the same calls.
      await until('the end of the handler, or of the server', () => over);
      stop.abort();
      return summary(await inTime('the end', server.finished), errors);
    },
    again: () => assert.equal(listener.closed, true),
  };
}

/** A connection that is not through at the deadline is reset, and closed whatever setsockopt says. */
async function resetting(rig: NetRig): Promise<Acts> {
  const listener = rig.listener();
  const client = await rig.client(listener);
  const stop = new AbortController();
  const errors: unknown[] = [];
  const taken: ByteStream[] = [];
  const server = serve({
    listener,
    signal: stop.signal,
    deadlineMs: 0,
    onConnection: (stream) => void taken.push(stream),
    onError: (error) => errors.push(error),
  });
  await until('the connection', () => taken.length === 1);
  return {
    act: async () => {
      stop.abort();
      return summary(await inTime('the end', server.finished), errors);
    },
    again: async () => {
      assert.equal(taken[0]?.closed, true);
      await inTime(
        'the end',
        client.read(new Uint8Array(1)).catch(() => 0),
      );
    },
  };
}

/** The file of the listener can't be removed: the handlers may finish all the same, and then the server says so. */
async function leavingTheFile(rig: NetRig): Promise<Acts> {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-faults-'));
  rig.keep({ close: () => rmSync(folder, { recursive: true }) });
  const listener = new UnixListener({ path: path.join(folder, 'socket'), reactor: rig.reactor });
  const client = rig.keep(await UnixStream.connect({ path: path.join(folder, 'socket'), reactor: rig.reactor }));
  const stop = new AbortController();
  let handled = 0;
  const server = serve({
    listener,
    signal: stop.signal,
    onConnection: async (stream) => {
      await echo(stream);
      handled++;
    },
  });
  await client.write(Buffer.from('hello'));
  assert.equal(await inTime('the echo', client.read(new Uint8Array(8))), 5);
  return {
    act: async () => {
      stop.abort();
      await client.end();
      await inTime('the end', server.finished);
    },
    again: () => assert.equal(handled, 1, 'the server did not wait for its handler'),
  };
}

/**
 * The thread that accepts looks at each connection before it gives it away, and its worker makes an object of it, and
 * reads and writes; both were there before the fault. What the client says is answered, or ends its worker, or it is
 * closed: as the one that it was, and the next one is served.
 */
async function servingByWorker(
  rig: NetRig,
  text: string,
  expected: Partial<ServeCounts>,
  traced: 'main' | 'worker' = 'main',
): Promise<Acts> {
  // A TCP client makes the call that is to fail, too.
  const name = `\0epoll-ts-faults-${process.pid}`;
  const listener = new UnixListener({ path: name, reactor: rig.reactor });
  const stop = new AbortController();
  const onConnection = new URL('../../../support/connectionModule.js', import.meta.url);
  const server = serve({ listener, signal: stop.signal, workers: 1, onConnection, onError: () => {} });
  const talk = async (said: string): Promise<string> => {
    const client = await UnixStream.connect({ path: name, reactor: rig.reactor });
    await client.write(Buffer.from(said));
    const into = Buffer.alloc(16);
    // One that is closed before it was read is reset.
    const ended = (error: unknown): number => {
      assert.equal((error as SystemError).code, 'ECONNRESET');
      return 0;
    };
    const read = (): Promise<number> => inTime('an answer', client.read(into).catch(ended));
    const count = await read();
    const answer = into.toString('utf8', 0, count);
    client.shutdown();
    // The next fault must not hit the end of this one.
    while (count > 0 && (await read()) > 0);
    client.close();
    return count === 0 ? 'end' : answer;
  };
  const thread = Number.parseInt(await talk('thread;'), 10);
  return {
    ...(traced === 'worker' ? { thread } : {}),
    act: () => talk(text),
    again: async () => {
      assert.equal(await talk('echo;'), 'echo;');
      stop.abort();
      const counts = await inTime('the end', server.finished);
      const none = { failed: 0, broken: 0, reset: 0, lost: 0, crashes: 0 };
      assert.deepEqual(counts, { accepted: 3, finished: 2, ...none, ...expected });
    },
  };
}

/** A set with one stream that has something to read. */
async function filled(rig: NetRig): Promise<{ readonly set: StreamSet; readonly peer: TcpStream }> {
  const { own, peer } = await rig.pair();
  const set = rig.keep(new StreamSet());
  set.add(own);
  await peer.write(Buffer.from('hello'));
  return { set, peer };
}

function takeAndRead(set: StreamSet): void {
  const held = set.take({ timeoutMs: 1000 });
  assert.equal(held?.stream.tryRead(new Uint8Array(8)), 5);
  held.stream.close();
}

async function borrowing(rig: NetRig): Promise<Acts> {
  const { set } = await filled(rig);
  return { ...making(rig, () => StreamSet.from(set)) };
}

async function counting(rig: NetRig): Promise<Acts> {
  const { set } = await filled(rig);
  return { act: () => set.size, again: () => assert.equal(set.size, 1) };
}

/** Where the kernel refuses, the stream is as it was. */
async function adding(rig: NetRig): Promise<Acts> {
  const { own, peer } = await rig.pair();
  const set = rig.keep(new StreamSet());
  await peer.write(Buffer.from('hello'));
  const act = (): string => {
    set.add(own);
    return 'added';
  };
  const again = (): void => {
    if (!own.closed) act();
    takeAndRead(set);
  };
  return { act, again };
}

async function taking(rig: NetRig, member: (set: StreamSet) => StreamSet): Promise<Acts> {
  const set = member((await filled(rig)).set);
  let taken = 0;
  const act = (): string => {
    takeAndRead(set);
    taken++;
    return 'taken';
  };
  return { act, again: () => void (taken > 0 || act()) };
}

async function stopping(rig: NetRig): Promise<Acts> {
  const { set } = await filled(rig);
  const act = (): string => {
    set.stop();
    return 'stopped';
  };
  const again = (): void => {
    act();
    // The stream that is ready may come first.
    while (set.take({ timeoutMs: 1000 }) !== null);
    assert.ok(set.stopped);
  };
  return { act, again };
}

async function givingBack(rig: NetRig): Promise<Acts> {
  const { set } = await filled(rig);
  const held = set.take({ timeoutMs: 1000 });
  assert.ok(held !== null);
  const act = (): string => {
    held.giveBack();
    return 'given back';
  };
  const again = (): void => {
    if (!held.stream.closed) act();
    takeAndRead(set);
  };
  return { act, again };
}

/** Its connection is closed with it: the peer sees the end. */
async function closing(rig: NetRig, ends: boolean): Promise<Acts> {
  const { own, peer } = await rig.pair();
  const set = new StreamSet();
  set.add(own);
  return {
    act: () => set.close(),
    again: () => {
      set.close();
      if (!ends) return;
      untilReadable(peer.fd);
      assert.equal(peer.tryRead(new Uint8Array(8)), 0);
    },
  };
}
