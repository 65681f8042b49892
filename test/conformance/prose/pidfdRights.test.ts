// What a pidfd gives no right to, and what system calls that take one refuse.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { unlessRoot, unlessUnshared } from './asRoot.ts';
import { printed, ScriptProcess } from './scriptProcess.ts';

const yamaScope = '/proc/sys/kernel/yama/ptrace_scope';
const nobody = 65534;
const dumpable = 4;
const cloneNewnet = 0x40000000;

/** A process of this user that allows nobody to trace it, or does. */
async function target(allow: boolean): Promise<ScriptProcess> {
  const child = new ScriptProcess(`
    raw.syscall('prctl', ${dumpable}, ${allow ? 1 : 0}, 0, 0, 0);
    say('ready');
    setTimeout(() => {}, 100_000);`);
  await child.line();
  return child;
}

// Without root's capabilities, but still with its user id: only what the target allows decides.
const dropRights = `if (process.getuid() === 0) process.seteuid(${nobody});`;

test('k-pidfd-getfd-noptrace: pidfd_getfd() answers EPERM for a process that is not dumpable', async () => {
  const cases = [
    [false, 'EPERM'],
    [true, 'a descriptor'],
  ] as const;
  // Yama, where it is on, lets only ancestors look into a process.
  const yama = existsSync(yamaScope) && readFileSync(yamaScope, 'utf8').trim() !== '0';
  for (const [allow, answer] of yama ? cases.slice(0, 1) : cases) {
    using child = await target(allow);
    const lines = printed(`
      const pidfd = sys.pidfd_open(${child.pid}, 0);
      ${dropRights}
      const answer = sys.pidfd_getfd(pidfd, 0, 0);
      say(answer < 0 ? sys.errnoName(answer) : 'a descriptor');`);
    assert.deepEqual(lines, [answer]);
  }
});

test('l-pidget02-eperm: pidfd_getfd() answers EPERM for a process of another user', () => {
  // As another user already: process 1 is root's.
  const lines = printed(`
    const root = process.getuid() === 0;
    const pidfd = sys.pidfd_open(root ? process.ppid : 1, 0);
    if (root) process.setuid(${nobody});
    say(sys.errnoName(sys.pidfd_getfd(pidfd, 0, 0)));`);
  assert.deepEqual(lines, ['EPERM']);
});

test('k-pidfd-signal-recycled: pidfd_send_signal() answers ESRCH although the number is that of a new process', (t) => {
  const skip = unlessRoot() || unlessUnshared('--pid', '--fork');
  if (skip !== false) return t.skip(skip);
  const lines = printed(
    `
    import { writeFileSync } from 'node:fs';
    for (let tries = 0; tries < 100; tries++) {
      const first = spawnShell('exit 0', []);
      const pidfd = sys.pidfd_open(first, 0);
      raw.syscall('wait4', first, null, 0, null);
      writeFileSync('/proc/sys/kernel/ns_last_pid', String(first - 1));
      const second = spawnShell('exec sleep 100', []);
      if (second === first) say(sys.errnoName(sys.pidfd_send_signal(pidfd, 18, 0)));
      raw.syscall('kill', second, 9);
      raw.syscall('wait4', second, null, 0, null);
      sys.close(pidfd);
      if (second === first) break;
    }`,
    { through: ['unshare', '--pid', '--fork'] },
  );
  assert.deepEqual(lines, ['ESRCH']);
});

test('g-pid-clone3efault: clone3() answers EFAULT for a pidfd that it can not store, and makes no process', () => {
  const lines = printed(`
    const [clonePidfd, sigchld] = [0x1000n, 17n];
    for (const address of [8n, BigInt(raw.readonlyPage())]) {
      const args = new BigUint64Array(11);
      args.set([clonePidfd, address, 0n, 0n, sigchld]);
      const answer = raw.syscall('clone3', args, args.byteLength);
      if (answer === 0) raw.endProcess(1);
      say(sys.errnoName(answer));
    }
    say(sys.errnoName(raw.syscall('wait4', -1, null, 0, null)));`);
  assert.deepEqual(lines, ['EFAULT', 'EFAULT', 'ECHILD']);
});

test('g-pid-setns-flags: setns() answers EINVAL for a pidfd with flags that name no namespace', () => {
  const lines = printed(`
    const pidfd = sys.pidfd_open(process.pid, 0);
    const cloneVm = 0x100;
    for (const flags of [0, -1, cloneVm]) say(sys.errnoName(raw.syscall('setns', pidfd, flags)));`);
  assert.deepEqual(lines, ['EINVAL', 'EINVAL', 'EINVAL']);
});

const endedChild = `
  const pid = spawnShell('exit 0', []);
  const pidfd = sys.pidfd_open(pid, 0);
  sys.pollOne(pidfd, sys.POLLIN, -1);
  const setns = () => say(sys.errnoName(raw.syscall('setns', pidfd, ${cloneNewnet})));`;

test('g-pid-setns-zombie: setns() answers ESRCH for a process that has ended and was not waited for', () => {
  assert.deepEqual(printed(`${endedChild} setns();`), ['ESRCH']);
});

test('g-pid-setns-exited: setns() answers ESRCH for a process that was waited for', () => {
  const lines = printed(`${endedChild} raw.syscall('wait4', pid, null, 0, null); setns();`);
  assert.deepEqual(lines, ['ESRCH']);
});

test('g-pid-setns-eperm: setns() answers EPERM for a process that is not dumpable', async () => {
  using child = await target(false);
  const lines = printed(`
    const pidfd = sys.pidfd_open(${child.pid}, 0);
    ${dropRights}
    say(sys.errnoName(raw.syscall('setns', pidfd, ${cloneNewnet})));`);
  assert.deepEqual(lines, ['EPERM']);
});
