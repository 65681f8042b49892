import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { EventFd } from 'epoll-ts';
import { fdReadable, type FdWritable, fdWritable } from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import { inTime } from '../../../support/loopTurns.ts';
import { type Acts, type MakeNetProgram, netProgram, type NetRig, untilReadable } from './netRig.ts';

/** `fdReadable` and `fdWritable`. */
export const fdPrograms: readonly (readonly [name: string, make: MakeNetProgram])[] = [
  ['fdReadable, pipe', netProgram((rig) => readingAll(rig, pipeEnds(rig)))],
  ['fdReadable, socket', netProgram((rig) => readingAll(rig, socketEnds(rig)))],
  ['fdReadable, empty message', netProgram(readingMessages)],
  ['fdReadable, empty pipe', netProgram(readingLater)],
  ['fdReadable, FIFO without a writer', netProgram(readingFifo)],
  ['fdReadable, eventfd', netProgram(readingCounter)],
  ['fdReadable, autoClose', netProgram(closingReader)],
  ['fdWritable, pipe', netProgram((rig) => writingOnce(rig, pipeEnds(rig)))],
  ['fdWritable, socket', netProgram((rig) => writingOnce(rig, socketEnds(rig)))],
  ['fdWritable, full pipe', netProgram(writingLater)],
  ['fdWritable, eventfd', netProgram(writingCounter)],
];

interface Ends {
  readonly reader: number;
  readonly writer: number;
}

/** A number that is closed with the rig. */
function kept(rig: NetRig, fd: number): number {
  rig.keep({ close: () => void sys.close(fd) });
  return fd;
}

/** A pipe whose ends are blocking: others have them too, as far as a stream on them knows. */
function pipeEnds(rig: NetRig): Ends {
  const ends = sys.pipe2(sys.O_CLOEXEC);
  assert.ok(typeof ends !== 'number');
  return { reader: kept(rig, ends[0]), writer: kept(rig, ends[1]) };
}

function socketEnds(rig: NetRig): Ends {
  const ends = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
  assert.ok(typeof ends !== 'number');
  return { reader: kept(rig, ends[0]), writer: kept(rig, ends[1]) };
}

/** The first bytes of a stream, which is destroyed then. */
async function firstOf(rig: NetRig, fd: number): Promise<string> {
  for await (const chunk of fdReadable(fd, { reactor: rig.reactor })) return String(chunk);
  return 'the end';
}

/** Reads `abc`; where that fails, another stream on the descriptor reads it, or it was taken before. */
function readingAll(rig: NetRig, { reader, writer }: Ends): Acts {
  assert.equal(sys.write(writer, Buffer.from('abc')), 3);
  untilReadable(reader);
  let got = '';
  const act = async (): Promise<string> => (got = await inTime('the bytes', firstOf(rig, reader)));
  return { act, again: async () => assert.equal(got === '' ? await act() : got, 'abc') };
}

/** An empty message, another one, and the end: only what is left tells the first from the last. */
function readingMessages(rig: NetRig): Acts {
  const ends = sys.socketpair(sys.AF_UNIX, sys.SOCK_SEQPACKET | sys.SOCK_CLOEXEC, 0);
  assert.ok(typeof ends !== 'number');
  const [reader, writer] = ends;
  for (const part of ['', 'abc']) assert.equal(sys.send(writer, Buffer.from(part), 0), part.length);
  sys.close(writer);
  return { act: () => inTime('the bytes', firstOf(rig, kept(rig, reader))) };
}

/** There is nothing yet: a thread that reads then blocks for ever. */
function readingLater(rig: NetRig): Acts {
  const { reader, writer } = pipeEnds(rig);
  return {
    act: async () => {
      const bytes = inTime('the bytes', firstOf(rig, reader));
      await Promise.race([bytes, setImmediate()]);
      sys.write(writer, Buffer.from('abc'));
      return bytes;
    },
  };
}

/** A FIFO that has had no writer reads as if it were at its end. */
function readingFifo(rig: NetRig): Acts {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-faults-'));
  rig.keep({ close: () => rmSync(folder, { recursive: true }) });
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = kept(rig, sys.open(fifo, sys.O_RDONLY | sys.O_NONBLOCK | sys.O_CLOEXEC));
  return {
    act: async () => {
      const bytes = inTime('the bytes', firstOf(rig, reader));
      await Promise.race([bytes, setImmediate()]);
      const writer = kept(rig, sys.open(fifo, sys.O_WRONLY | sys.O_CLOEXEC));
      sys.write(writer, Buffer.from('abc'));
      return bytes;
    },
  };
}

function readingCounter(rig: NetRig): Acts {
  const counter = rig.keep(new EventFd({ initial: 7n }));
  const act = async (): Promise<string> => {
    for await (const chunk of fdReadable(counter, { reactor: rig.reactor })) {
      return String((chunk as Buffer).readBigUInt64LE());
    }
    return 'the end';
  };
  return { act: () => inTime('the count', act()) };
}

/** close(2) fails when all was read, of the stream's own descriptor or of the given one: both are closed. */
async function closingReader(rig: NetRig): Promise<Acts> {
  // A reactor that has nothing yet makes and closes a descriptor to begin with.
  await rig.pair();
  const ends = sys.pipe2(sys.O_CLOEXEC);
  assert.ok(typeof ends !== 'number');
  const [reader, writer] = ends;
  sys.write(writer, Buffer.from('abc'));
  sys.close(writer);
  const closed = async (): Promise<string> => {
    const stream = fdReadable(reader, { autoClose: true, reactor: rig.reactor }).resume();
    await once(stream, 'close');
    return 'closed';
  };
  return { act: () => inTime('the end', closed()) };
}

function written(stream: FdWritable, data: Uint8Array): Promise<string> {
  stream.on('error', () => {});
  const done = new Promise<string>((resolve, reject) => {
    stream.write(data, (error) => (error instanceof Error ? reject(error) : resolve('written')));
  });
  return inTime('the write', done).finally(() => stream.destroy());
}

/** Writes `abc` twice: what was said to be written arrives, and no more. */
function writingOnce(rig: NetRig, { reader, writer }: Ends): Acts {
  let sent = '';
  const act = async (): Promise<string> => {
    const answer = await written(fdWritable(writer, { reactor: rig.reactor }), Buffer.from('abc'));
    sent += 'abc';
    return answer;
  };
  const again = async (): Promise<void> => {
    await act();
    const into = Buffer.alloc(64);
    untilReadable(reader);
    assert.equal(into.toString('latin1', 0, sys.read(reader, into)), sent);
  };
  return { act, again };
}

/** There is no room yet: a thread that writes then blocks for ever. */
function writingLater(rig: NetRig): Acts {
  const { reader, writer } = pipeEnds(rig);
  const chunk = new Uint8Array(4096);
  while ((sys.pollOne(writer, sys.POLLOUT, 0) & sys.POLLOUT) !== 0) sys.write(writer, chunk);
  let drained = false;
  return {
    act: async () => {
      const done = written(fdWritable(writer, { reactor: rig.reactor }), Buffer.from('abc'));
      await Promise.race([done, setImmediate()]);
      while (sys.pollOne(reader, sys.POLLIN, 0) > 0) sys.read(reader, chunk);
      drained = true;
      return done;
    },
    again: () => assert.equal(drained ? sys.read(reader, chunk) : 3, 3),
  };
}

function writingCounter(rig: NetRig): Acts {
  const counter = rig.keep(new EventFd());
  const seven = Buffer.alloc(8);
  seven.writeBigUInt64LE(7n);
  const act = (): Promise<string> => written(fdWritable(counter, { reactor: rig.reactor }), seven);
  return { act, again: async () => (await act(), assert.equal((counter.read() ?? 0n) % 7n, 0n)) };
}
