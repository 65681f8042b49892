// One scene without a tracer: started by scenes.ts. It ends with status 0 when all holds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Epoll, EpollEventBuffer, EventFd, isHangup, PidFd, Pipe, Reactor, SystemError, TimerFd } from 'epoll-ts';
import * as sys from 'epoll-ts/sys';
import { kernelObjects } from '../../support/kernelObjects.ts';
import { inTime, until } from '../../support/loopTurns.ts';
import { openDescriptors } from '../../support/openDescriptors.ts';
import { sceneNames } from './sceneNames.ts';

type Scene = () => Promise<void> | void;

const ticks = 100;
const tickNs = 5_000_000n;

/** Waits that are stopped: no tick of a timer is lost, and no wait ends early. */
function stoppedWait(): void {
  const epoll = new Epoll();
  const timer = new TimerFd();
  epoll.add(timer, sys.EPOLLIN);
  timer.set({ everyNs: tickNs });
  process.stdout.write('waiting\n');
  const start = process.hrtime.bigint();
  let seen = 0n;
  while (seen < ticks) {
    assert.equal(epoll.wait(new EpollEventBuffer(1), { timeoutMs: 20_000 }), 1);
    seen += timer.read() ?? 0n;
  }
  assert.ok(seen >= (process.hrtime.bigint() - start) / tickNs - 2n, `${seen} ticks`);
  epoll.delete(timer);
  const before = performance.now();
  assert.equal(epoll.wait(new EpollEventBuffer(1), { timeoutMs: 300 }), 0);
  assert.ok(performance.now() - before >= 300, 'the wait ended early');
}

async function stoppedLoop(): Promise<void> {
  const reactor = new Reactor();
  const timer = new TimerFd();
  let seen = 0n;
  reactor.register(timer, { readable: true }, () => void (seen += timer.read() ?? 0n));
  timer.set({ everyNs: tickNs });
  process.stdout.write('waiting\n');
  const start = process.hrtime.bigint();
  await until('the ticks', () => seen >= ticks);
  await setImmediate();
  assert.ok(seen >= (process.hrtime.bigint() - start) / tickNs - 2n, `${seen} ticks`);
  timer.close();
  reactor.close();
}

/** A peer that writes lines as fast as it can, and is killed. */
async function killedPeer(): Promise<void> {
  const pipe = new Pipe();
  const peer = spawn('sh', ['-c', 'i=0; while :; do echo $i >&3; i=$((i+1)); done'], {
    stdio: ['ignore', 'ignore', 'ignore', pipe.writer.fd],
  });
  pipe.writer.close();
  const reactor = new Reactor();
  const chunks: Buffer[] = [];
  let masks = 0;
  const end = new Promise<void>((resolve) => {
    reactor.register(pipe.reader, { readable: true }, (readiness, registration) => {
      masks |= readiness;
      const into = new Uint8Array(4096);
      const count = pipe.reader.read(into);
      if (count === 0) {
        registration.close();
        resolve();
      } else if (count !== null) chunks.push(Buffer.from(into.subarray(0, count)));
    });
  });
  await until('some lines', () => chunks.length > 20);
  peer.kill('SIGKILL');
  await inTime('the end', end);
  assert.ok(isHangup(masks));
  const lines = Buffer.concat(chunks).toString().split('\n');
  assert.equal(lines.pop(), '', 'the last line is whole: it was one write');
  lines.forEach((line, index) => assert.equal(line, String(index)));
  pipe.reader.close();
  reactor.close();
}

async function killedProcess(): Promise<void> {
  const peer = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(peer, 'spawn');
  const watched = new PidFd(peer.pid ?? 0);
  const reactor = new Reactor();
  const registration = reactor.register(watched, { readable: true });
  assert.equal(watched.exited, false);
  peer.kill('SIGKILL');
  await inTime('the end of the process', registration.readable());
  assert.equal(watched.exited, true);
  watched.close();
  reactor.close();
}

/** Takes descriptors until there are none. */
function exhaust(): EventFd[] {
  const taken: EventFd[] = [];
  for (;;) {
    try {
      taken.push(new EventFd());
    } catch (error) {
      assertLimit(error);
      return taken;
    }
  }
}

function assertLimit(error: unknown): void {
  assert.ok(error instanceof SystemError, String(error));
  assert.equal(error.code, 'EMFILE');
  assert.match(error.message, /ulimit -n|inotify/);
}

function exhaustedClasses(): void {
  for (const { make } of kernelObjects) make()[Symbol.dispose](); // what is loaded lazily is loaded now
  const makers: [string, () => unknown][] = [
    ...kernelObjects.map(({ name, make }): [string, () => unknown] => [name, make]),
    ['Epoll', () => new Epoll()],
    ['Reactor', () => new Reactor()],
  ];
  const before = openDescriptors();
  const taken = exhaust();
  for (const free of [0, 1]) {
    // With one free, the calls that need two of them are refused.
    for (let more = 0; more < free; more++) taken.pop()?.close();
    const full = openCount();
    for (const [name, make] of makers) {
      if (free === 1 && !name.startsWith('Pipe')) continue;
      assert.throws(make, (error) => (assertLimit(error), true), name);
      assert.equal(openCount(), full, `${name} left a descriptor open`);
    }
  }
  for (const counter of taken) counter.close();
  assert.deepEqual(openDescriptors(), before);
}

/** Counted without a descriptor: by asking each number. */
function openCount(): number {
  return Array.from({ length: 256 }, (_, fd) => sys.fcntl(fd, sys.F_GETFD)).filter((answer) => answer >= 0).length;
}

async function exhaustedReactor(): Promise<void> {
  const reactor = new Reactor();
  const counter = new EventFd();
  let events = 0n;
  reactor.register(counter, { readable: true }, () => void (events += counter.read() ?? 0n));
  const late = new Reactor();
  const latecomer = new EventFd({ initial: 1n });
  const taken = exhaust();
  const register = (): unknown => late.register(latecomer, { readable: true, trigger: 'oneshot' }, () => void events++);
  assert.throws(register, (error) => (assertLimit(error), true));
  assert.throws(
    () => reactor.waker(),
    (error) => (assertLimit(error), true),
  );
  assert.throws(
    () => reactor.snapshot(),
    (error) => (assertLimit(error), true),
  );
  counter.write(1n);
  await until('an event without a free descriptor', () => events === 1n);
  for (let more = 0; more < 2; more++) taken.pop()?.close();
  register();
  await until('an event of the late registration', () => events === 2n);
  assert.deepEqual(late.snapshot().ghosts, []);
  for (const object of [...taken, counter, latecomer, reactor, late]) object.close();
}

async function exhaustedAccept(): Promise<void> {
  const address = sys.encodeSockaddr({ family: sys.AF_UNIX, path: `\0epoll-ts-faults-${process.pid}` });
  const flags = sys.SOCK_STREAM | sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK;
  const listener = sys.socket(sys.AF_UNIX, flags, 0);
  const client = sys.socket(sys.AF_UNIX, flags, 0);
  assert.equal(sys.bind(listener, address), 0);
  assert.equal(sys.listen(listener, 5), 0);
  const reactor = new Reactor();
  const answers: number[] = [];
  let taken: EventFd[] = [];
  reactor.register(listener, { readable: true }, () => {
    answers.push(sys.accept4(listener, null, sys.SOCK_CLOEXEC | sys.SOCK_NONBLOCK));
  });
  taken = exhaust();
  assert.equal(sys.connect(client, address), 0);
  await until('a refusal', () => answers.includes(-sys.EMFILE));
  taken.pop()?.close();
  await until('the connection', () => (answers.at(-1) ?? -1) >= 0);
  for (const fd of [answers.at(-1) ?? -1, client]) sys.close(fd);
  for (const object of [...taken, reactor]) object.close();
  sys.close(listener);
}

const scenes: readonly Scene[] = [
  stoppedWait,
  stoppedLoop,
  killedPeer,
  killedProcess,
  exhaustedClasses,
  exhaustedReactor,
  exhaustedAccept,
];
const scene = scenes[sceneNames.findIndex((name) => name === process.argv[2])];
assert.ok(scene !== undefined, `There is no scene '${process.argv[2]}'`);
await scene();
