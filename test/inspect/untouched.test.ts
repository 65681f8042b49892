// Looking changes nothing in the process that is looked into: it counts.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspectProcess } from 'epoll-ts/inspect';
import { Program } from './program.ts';

const looks = 20;

// All that is ready was reported once, edge-triggered: whatever is reported later, the look has caused. The inotify
// watch sees whoever opens or lists the working directory.
const counting = `
import * as sys from 'epoll-ts/sys';
import { readdirSync } from 'node:fs';
const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const inner = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const add = (fd, events, on = ep) => { const answer = sys.epoll_ctl(on, sys.EPOLL_CTL_ADD, fd, events, fd); if (answer < 0) throw new Error(fd + ' ' + answer); return fd; };
const eventfd = add(sys.eventfd(3, sys.EFD_CLOEXEC | sys.EFD_NONBLOCK), sys.EPOLLIN | sys.EPOLLET);
const [reader, writer] = sys.pipe2(sys.O_CLOEXEC | sys.O_NONBLOCK);
sys.write(writer, Buffer.from('unread'));
add(reader, sys.EPOLLIN | sys.EPOLLET);
const listener = sys.socket(sys.AF_INET, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
sys.bind(listener, sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port: 0 })); sys.listen(listener, 8);
add(listener, sys.EPOLLIN | sys.EPOLLEXCLUSIVE);
const [a, b] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
sys.write(b, Buffer.from('12345'));
add(a, sys.EPOLLIN | sys.EPOLLOUT | sys.EPOLLET);
const timer = add(sys.timerfd_create(sys.CLOCK_MONOTONIC, sys.TFD_CLOEXEC | sys.TFD_NONBLOCK), sys.EPOLLIN | sys.EPOLLONESHOT);
const signals = new sys.SignalSet(['SIGUSR2']);
sys.pthread_sigmask(sys.SIG_BLOCK, signals);
const signalfd = sys.signalfd(-1, signals, sys.SFD_CLOEXEC | sys.SFD_NONBLOCK);
sys.tgkill(process.pid, process.pid, sys.SIGUSR2);
add(signalfd, sys.EPOLLIN | sys.EPOLLET, inner);
add(inner, sys.EPOLLIN | sys.EPOLLET);
const inotify = sys.inotify_init1(sys.IN_CLOEXEC | sys.IN_NONBLOCK);
sys.inotify_add_watch(inotify, '.', sys.IN_ALL_EVENTS);
add(inotify, sys.EPOLLIN | sys.EPOLLET);
const buffer = new sys.EpollEventBuffer(64);
sys.epoll_wait(ep, buffer, 64, 0);
let events = 0, turns = 0, asked = false;
const count = () => {
  events += sys.epoll_wait(ep, buffer, 64, 0);
  if (asked && ++turns === 10) report();
};
setInterval(count, 2);
// What is late on a busy machine is waited for: the answer comes some turns after the last look.
process.stdin.setEncoding('utf8').on('data', () => { asked = true; });
const report = () => {
  const list = readdirSync('/proc/self/fd').length;
  console.log(JSON.stringify({ events, list,
    inner: sys.epoll_wait(inner, buffer, 8, 0), signal: sys.read(signalfd, new Uint8Array(128)), inotify: sys.read(inotify, new Uint8Array(4096)),
    eventfd: String(sys.eventfd_read(eventfd)), pipe: sys.read(reader, new Uint8Array(64)), socket: sys.read(a, new Uint8Array(64)) }) + '\\ndone');
};
console.log('ready');`;

test('a process that is looked into gets no event by it, and finds all its data, signals and descriptors', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-untouched-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = async (look: (pid: number) => void): Promise<Record<string, unknown>> => {
    using program = await Program.node(
      counting.replace('const ep', `process.chdir(${JSON.stringify(folder)});\nconst ep`),
    );
    for (let index = 0; index < looks; index++) {
      look(program.pid);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    return JSON.parse(await program.ask('report')) as Record<string, unknown>;
  };
  const alone = await run(() => {});
  assert.deepEqual(
    { ...alone, list: 0 },
    {
      events: 0,
      list: 0,
      inner: 1,
      signal: 128,
      inotify: -11,
      eventfd: '3',
      pipe: 6,
      socket: 5,
    },
  );
  const lookedInto = await run((pid) => {
    const { instances } = inspectProcess(pid);
    assert.equal(
      instances.flatMap(({ entries }) => entries).filter(({ target }) => target.kind === 'inotify').length,
      1,
    );
  });
  assert.deepEqual(lookedInto, alone);
});

test('a process that waits is neither woken nor stopped', async () => {
  // Single-threaded: the main thread sleeps in its own wait only, and not until a thread of V8 has compiled or
  // collected.
  using program = await Program.node(
    `
import { writeSync } from 'node:fs';
import * as sys from 'epoll-ts/sys';
const ep = sys.epoll_create1(0);
const [reader] = sys.pipe2(0);
sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, reader, sys.EPOLLIN, 1);
writeSync(1, 'ready\\n');
sys.epoll_wait(ep, new sys.EpollEventBuffer(1), 1, -1);`,
    '--single-threaded',
  );
  const switches = (): string => {
    const status = readFileSync(`/proc/${program.pid}/task/${program.pid}/status`, 'utf8');
    return /^State:.*$/m.exec(status)?.[0] + (/^voluntary[^]*$/m.exec(status)?.[0] ?? '');
  };
  let before = '';
  await program.until('it waits', () => {
    const last = before;
    before = switches();
    return before === last && before.includes('S (sleeping)');
  });
  for (let index = 0; index < looks; index++) inspectProcess(program.pid);
  assert.equal(switches(), before);
});
