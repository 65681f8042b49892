// inspectProcess() on processes that were made for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Epoll, SystemError } from 'epoll-ts';
import { findProcesses, type InspectedEntry, inspectProcess, type ProcessSnapshot } from 'epoll-ts/inspect';
import { UnixListener, UnixStream } from 'epoll-ts/net';
import {
  close,
  dup,
  dup3,
  EFD_CLOEXEC,
  eventfd,
  F_DUPFD_CLOEXEC,
  fcntl,
  O_CLOEXEC,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  KCMP_FILE,
  kcmp,
  pidfd_getfd,
  pidfd_open,
} from 'epoll-ts/sys';
import { OpenProcess } from '#epoll/inspect/openProcess.js';
import { Program } from './program.ts';

const noKcmp = kcmp(process.pid, process.pid, KCMP_FILE, 0, 0) < 0 && 'kcmp is refused here';
const pidfd = pidfd_open(process.pid, 0);
const copy = pidfd_getfd(pidfd, 1, 0);
const noGetfd = copy < 0 && 'pidfd_getfd is refused here';
for (const fd of [pidfd, copy]) if (fd >= 0) close(fd);

/** A program that makes descriptors, prints them by name, and watches each of them. */
const menagerie = (folder: string): string => `
import { mkdirSync, openSync } from 'node:fs';
import * as sys from 'epoll-ts/sys';
process.chdir(${JSON.stringify(folder)});
mkdirSync('watched');
const ep = sys.epoll_create1(sys.EPOLL_CLOEXEC);
const address = (port) => sys.encodeSockaddr({ family: sys.AF_INET, address: '127.0.0.1', port });
const portOf = (fd) => { const name = new sys.SockaddrBuffer(); sys.getsockname(fd, name); return name.decode().port; };
const socket = (family, type) => sys.socket(family, type | sys.SOCK_CLOEXEC, 0);
const fds = { ep };
fds.listener = socket(sys.AF_INET, sys.SOCK_STREAM); sys.bind(fds.listener, address(0)); sys.listen(fds.listener, 8);
fds.client = socket(sys.AF_INET, sys.SOCK_STREAM); sys.connect(fds.client, address(portOf(fds.listener)));
fds.server = sys.accept4(fds.listener, null, sys.SOCK_CLOEXEC);
sys.write(fds.client, Buffer.from('12345'));
sys.pollOne(fds.server, sys.POLLIN, -1);
fds.fresh = socket(sys.AF_INET6, sys.SOCK_STREAM);
fds.udp = socket(sys.AF_INET, sys.SOCK_DGRAM); sys.bind(fds.udp, address(0));
fds.netlink = sys.socket(sys.AF_NETLINK, sys.SOCK_RAW | sys.SOCK_CLOEXEC, 0);
[fds.unix, fds.unixPeer] = sys.socketpair(sys.AF_UNIX, sys.SOCK_STREAM | sys.SOCK_CLOEXEC, 0);
fds.abstract = socket(sys.AF_UNIX, sys.SOCK_STREAM);
sys.bind(fds.abstract, sys.encodeSockaddr({ family: sys.AF_UNIX, path: '\\0epoll-ts ' + process.pid })); sys.listen(fds.abstract, 1);
[fds.reader, fds.writer] = sys.pipe2(sys.O_CLOEXEC);
fds.eventfd = sys.eventfd(3, sys.EFD_SEMAPHORE | sys.EFD_CLOEXEC);
fds.timerfd = sys.timerfd_create(sys.CLOCK_MONOTONIC, sys.TFD_CLOEXEC);
sys.timerfd_settime(fds.timerfd, 0, { valueNs: 1_000_000_000_000n, intervalNs: 5_000_000_000n });
const signals = new sys.SignalSet(['SIGUSR2']);
sys.pthread_sigmask(sys.SIG_BLOCK, signals);
fds.signalfd = sys.signalfd(-1, signals, sys.SFD_CLOEXEC);
fds.inotify = sys.inotify_init1(sys.IN_CLOEXEC); sys.inotify_add_watch(fds.inotify, '.', sys.IN_CREATE | sys.IN_OPEN); 
fds.pidfd = sys.pidfd_open(process.pid, 0);
fds.terminal = openSync('/dev/ptmx', 'r+');
fds.mounts = openSync('/proc/self/mounts', 'r');
fds.inner = sys.epoll_create1(sys.EPOLL_CLOEXEC); sys.epoll_ctl(fds.inner, sys.EPOLL_CTL_ADD, fds.eventfd, sys.EPOLLIN, 1);
for (const fd of Object.values(fds)) if (fd !== ep) {
  const answer = sys.epoll_ctl(ep, sys.EPOLL_CTL_ADD, fd, fd === fds.writer ? sys.EPOLLOUT : sys.EPOLLIN | sys.EPOLLET, 0xfedc_0000_0000n + BigInt(fd));
  if (answer < 0) throw new Error(fd + ' ' + answer);
}
console.log('ready ' + JSON.stringify(fds));
setInterval(() => {}, 1000);`;

interface Menagerie {
  readonly program: Program;
  readonly fds: Readonly<Record<string, number>>;
  readonly folder: string;
  [Symbol.dispose](): void;
}

async function startMenagerie(): Promise<Menagerie> {
  const folder = mkdtempSync(join(tmpdir(), 'epoll-inspect-'));
  const program = await Program.node(menagerie(folder));
  const fds = JSON.parse(/^ready (.*)$/m.exec(program.stdout)?.[1] ?? '{}') as Record<string, number>;
  return {
    program,
    fds,
    folder,
    [Symbol.dispose]() {
      program[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

function entriesOf(snapshot: ProcessSnapshot, epfd: number | undefined): Map<number, InspectedEntry> {
  const instance = snapshot.instances.find(({ fd }) => fd === epfd);
  assert.ok(instance !== undefined, `no instance ${epfd}`);
  return new Map(instance.entries.map((entry) => [entry.fd, entry]));
}

test('every kind of descriptor is told by what it is', async () => {
  using started = await startMenagerie();
  const { program, fds, folder } = started;
  const snapshot = inspectProcess(program.pid);
  const entries = entriesOf(snapshot, fds['ep']);
  assert.equal(entries.size, Object.keys(fds).length - 1);
  const target = (name: string): Record<string, unknown> => ({ ...entries.get(fds[name] ?? -1)?.target });
  const { listener, client, server } = {
    listener: target('listener'),
    client: target('client'),
    server: target('server'),
  };
  assert.deepEqual([listener['kind'], listener['state'], listener['peer']], ['tcp', 'LISTEN', null]);
  assert.deepEqual([server['kind'], server['state'], server['local']], ['tcp', 'ESTABLISHED', listener['local']]);
  assert.deepEqual([client['local'], client['peer']], [server['peer'], server['local']]);
  assert.deepEqual(
    [target('udp')['kind'], target('udp')['state'], target('udp')['peer']],
    ['udp', 'UNCONNECTED', null],
  );
  const unix = target('unix');
  assert.deepEqual([unix['kind'], unix['type'], unix['state']], ['unix', 'stream', 'ESTABLISHED']);
  assert.equal(unix['peerInode'], target('unixPeer')['inode']);
  assert.deepEqual(unix['peerHolders'], [{ pid: program.pid, name: snapshot.name, fd: fds['unixPeer'] }]);
  assert.deepEqual([target('abstract')['local'], target('abstract')['state']], [`@epoll-ts ${program.pid}`, 'LISTEN']);
  const reader = target('reader');
  assert.deepEqual([reader['kind'], reader['end']], ['pipe', 'read']);
  assert.deepEqual(reader['peerHolders'], [{ pid: program.pid, name: snapshot.name, fd: fds['writer'] }]);
  assert.equal(target('writer')['end'], 'write');
  assert.deepEqual([target('eventfd')['kind'], target('eventfd')['count']], ['eventfd', '3']);
  const timer = target('timerfd');
  assert.deepEqual([timer['clock'], timer['intervalNs'], timer['ticks']], ['CLOCK_MONOTONIC', '5000000000', '0']);
  const remaining = Number(timer['remainingNs']);
  assert.ok(remaining > 0 && remaining <= 1e12, String(remaining));
  assert.deepEqual(target('signalfd'), { kind: 'signalfd', signals: ['SIGUSR2'] });
  const [watch, ...others] = target('inotify')['watches'] as Record<string, unknown>[];
  assert.deepEqual([watch?.['path'], watch?.['flags'], others], [folder, ['IN_OPEN', 'IN_CREATE'], []]);
  assert.deepEqual(target('pidfd'), { kind: 'pidfd', pid: program.pid, name: snapshot.name });
  assert.deepEqual(target('terminal'), { kind: 'tty', path: '/dev/ptmx' });
  assert.deepEqual(target('mounts'), { kind: 'file', path: `/proc/${program.pid}/mounts` });
  assert.deepEqual(target('inner'), { kind: 'epoll' });
});

test('sockets that no table of /proc lists are asked themselves', { skip: noGetfd }, async () => {
  using started = await startMenagerie();
  const { program, fds } = started;
  const entries = entriesOf(inspectProcess(program.pid), fds['ep']);
  const { inode: _, ...fresh } = { inode: '', ...entries.get(fds['fresh'] ?? -1)?.target };
  assert.deepEqual(fresh, { kind: 'tcp', local: { address: '::', port: 0 }, peer: null, state: 'CLOSE' });
  const { inode: __, ...netlink } = { inode: '', ...entries.get(fds['netlink'] ?? -1)?.target };
  assert.deepEqual(netlink, { kind: 'netlink', detail: 'route' });
});

test('mask, names, user data and trigger are those of fdinfo', async () => {
  using started = await startMenagerie();
  const { program, fds } = started;
  const snapshot = inspectProcess(program.pid);
  const entries = entriesOf(snapshot, fds['ep']);
  const reader = fds['reader'] ?? -1;
  const entry = entries.get(reader);
  assert.deepEqual(
    [entry?.events, entry?.trigger, entry?.armed],
    [(EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLET) >>> 0, 'edge', true],
  );
  assert.deepEqual(entry?.flags, ['EPOLLIN', 'EPOLLERR', 'EPOLLHUP', 'EPOLLET']);
  assert.equal(entry?.data, `0x${(0xfedc_0000_0000n + BigInt(reader)).toString(16).padStart(16, '0')}`);
  const lines = readFileSync(`/proc/${program.pid}/fdinfo/${fds['ep']}`, 'utf8').match(/^tfd:.*$/gm) ?? [];
  assert.equal(lines.length, entries.size);
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot, 'it is plain data');
});

test('what is ready now is told without taking it', { skip: noGetfd }, async () => {
  using started = await startMenagerie();
  const { program, fds } = started;
  for (const _ of [1, 2]) {
    const entries = entriesOf(inspectProcess(program.pid), fds['ep']);
    const of = (name: string): InspectedEntry | undefined => entries.get(fds[name] ?? -1);
    assert.deepEqual(
      [of('server')?.ready, of('server')?.condition],
      [EPOLLIN, EPOLLIN | EPOLLOUT],
      'only what was asked for',
    );
    assert.deepEqual([of('server')?.backlog?.unread, of('server')?.backlog?.received], [5, 5]);
    assert.deepEqual([of('reader')?.ready, of('reader')?.backlog?.unread], [0, 0]);
    assert.deepEqual([of('writer')?.ready, of('eventfd')?.ready, of('inner')?.ready], [EPOLLOUT, EPOLLIN, EPOLLIN]);
    assert.deepEqual([of('mounts')?.ready, of('mounts')?.notPolled], [null, 'consumes']);
  }
});

test('a signalfd is ready when the signal waits for the process that has it, not for the one that looks', async () => {
  using started = await startMenagerie();
  const { program, fds } = started;
  const ready = (): number | null | undefined =>
    entriesOf(inspectProcess(program.pid), fds['ep']).get(fds['signalfd'] ?? -1)?.ready;
  assert.equal(ready(), 0);
  // To the main thread, which blocks it; a process-wide one would go to a thread of Node's pool, and end the process.
  const { tgkill, SIGUSR2 } = await import('epoll-ts/sys');
  assert.equal(tgkill(program.pid, program.pid, SIGUSR2), 0);
  assert.equal(ready(), EPOLLIN);
  assert.equal(ready(), EPOLLIN, 'it was not taken');
});

test('with ready: false nothing is asked, and with table: null nobody else is looked at', async () => {
  using started = await startMenagerie();
  const { program, fds } = started;
  const snapshot = inspectProcess(program.pid, { ready: false, table: null });
  for (const entry of entriesOf(snapshot, fds['ep']).values())
    assert.deepEqual([entry.ready, entry.notPolled], [null, 'off']);
  assert.deepEqual([snapshot.otherWatchers, snapshot.watchLimit], [null, null]);
  assert.ok(snapshot.instances.every(({ sharedWith }) => sharedWith === null));
});

test('ghosts are told, with who keeps the file and what the number is now', { skip: noKcmp }, () => {
  const ep = new Epoll();
  // High numbers: the lowest free one is used by the look itself, which has a pidfd.
  const make = (count: number): number => {
    const made = eventfd(count, EFD_CLOEXEC);
    const high = fcntl(made, F_DUPFD_CLOEXEC, 700);
    close(made);
    return high;
  };
  const [gone, reused] = [make(7), make(0)];
  const copies = [dup(gone), dup(reused)];
  ep.add(gone, EPOLLIN, 1n);
  ep.add(reused, EPOLLIN, 2n);
  close(gone);
  dup3(ep.fd, reused, O_CLOEXEC);
  const entries = entriesOf(inspectProcess(process.pid), ep.fd);
  const first = entries.get(gone);
  const second = entries.get(reused);
  assert.deepEqual([first?.ghost, first?.now, first?.heldBy.map(({ fd }) => fd)], [true, null, [copies[0]]]);
  assert.equal(first?.target.kind === 'eventfd' ? first.target.count : '', '7', 'its file is found through the copy');
  assert.deepEqual([second?.ghost, second?.now], [true, { kind: 'epoll' }]);
  assert.deepEqual(
    second?.heldBy.map(({ fd }) => fd),
    [copies[1]],
  );
  for (const fd of [...copies, reused]) close(fd);
  ep.close();
});

test('an instance is told with all its numbers, and with who else has it', { skip: noKcmp }, async () => {
  using program = await Program.node(`
import { spawn } from 'node:child_process';
import * as sys from 'epoll-ts/sys';
const ep = sys.epoll_create1(0);
const twin = sys.dup(ep);
const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
process.stdin.on('end', () => { child.kill(); process.exit(); }).resume();
console.log('ready ' + JSON.stringify({ ep, twin, child: child.pid }));`);
  const { ep, twin, child } = JSON.parse(/^ready (.*)$/m.exec(program.stdout)?.[1] ?? '') as Record<string, number>;
  const instance = inspectProcess(program.pid).instances.find(({ fd }) => fd === ep);
  assert.deepEqual([instance?.fds, instance?.closeOnExec], [[ep, twin], false]);
  assert.deepEqual(
    instance?.sharedWith?.map(({ pid, fd, relation, sameProgram }) => ({ pid, fd, relation, sameProgram })),
    [ep, twin].map((fd) => ({ pid: child, fd, relation: 'child', sameProgram: false })),
  );
  const seen = inspectProcess(child ?? -1).instances[0]?.sharedWith?.[0];
  assert.deepEqual([seen?.pid, seen?.relation], [program.pid, 'parent']);
  await program.end();
});

test('a process that is not there, or has ended and waits for its parent, is ESRCH', async () => {
  const child = spawn('sleep', ['1000']);
  const pid = child.pid ?? -1;
  using open = { process: new OpenProcess(pid), [Symbol.dispose]: () => open.process.close() };
  open.process.confirm();
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.throws(() => open.process.confirm(), { code: 'ESRCH' }, 'it ended while it was looked at');
  assert.throws(
    () => inspectProcess(pid),
    (error) => error instanceof SystemError && error.code === 'ESRCH' && /has just ended/.test(error.message),
  );
});

test('findProcesses() finds by the name in comm, of the executable and of the first word', async () => {
  using program = await Program.node(
    "process.title = 'epoll-ts: worker'; console.log('ready'); setInterval(() => {}, 1000);",
  );
  const pids = (name?: string): number[] => findProcesses(name).map(({ pid }) => pid);
  assert.ok(pids('epoll-ts').includes(program.pid), 'the title up to the colon');
  assert.ok(pids().includes(program.pid));
  assert.ok(!pids().includes(process.pid), 'not the one that looks');
  assert.deepEqual(pids('no such program'), []);
});

test('a unix socket is described as the kernel does, whatever the names of others are', () => {
  const [one, other] = UnixStream.pair();
  using ep = new Epoll();
  ep.add(one, EPOLLIN);
  const inode = /\d+/.exec(readlinkSync(`/proc/self/fd/${one.fd}`))?.[0];
  const row = `0000000000000000: 00000002 00000000 00010000 0001 01 ${inode} /run/forged.sock`;
  using forger = new UnixListener({ path: `\0x\n${row}` });
  const [target] = inspectProcess(process.pid)
    .instances.filter(({ fd }) => fd === ep.fd)
    .flatMap(({ entries }) => entries.map((entry) => entry.target));
  assert.ok(target?.kind === 'unix');
  assert.deepEqual([target.local, target.state, target.type], [null, 'ESTABLISHED', 'stream']);
  assert.ok(!forger.closed);
  one.close();
  other.close();
});
