// Processes end, and their numbers are given again, while they are looked at.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { findings, findProcesses } from 'epoll-ts/inspect';
import { EPOLLIN } from 'epoll-ts/sys';
import { describeInotify } from '#epoll/inspect/inotifyPaths.js';
import { OpenProcess } from '#epoll/inspect/openProcess.js';
import { readThreadTimes } from '#epoll/inspect/threadTimes.js';
import { madeEntry, madeInstance, madeSnapshot, thread } from './findings/madeSnapshot.ts';
import { Program } from './program.ts';

test('findProcesses() leaves out what has ended and waits for its parent', async () => {
  // The shell becomes a program that waits for no child.
  using program = await Program.start(['sh', '-c', 'sleep 0 & echo ready $!; exec sleep 1000']);
  const zombie = Number(/^ready (\d+)/m.exec(program.stdout)?.[1]);
  const state = (pid: number): string =>
    /^State:\s*(\w)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  await program.until('its child has ended', () => state(zombie) === 'Z');
  await program.until('the shell is a sleep', () => findProcesses('sleep').some(({ pid }) => pid === program.pid));
  for (const name of ['sleep', undefined]) {
    const found = findProcesses(name).map(({ pid }) => pid);
    assert.ok(found.includes(program.pid));
    assert.ok(!found.includes(zombie), `${zombie} has ended`);
  }
});

test('a process that has ended since it was opened is refused: its number may be another one’s', async () => {
  const child = spawn('sleep', ['1000']);
  await once(child, 'spawn');
  const { pid } = child;
  assert.ok(pid !== undefined);
  const opened = new OpenProcess(pid);
  opened.confirm();
  child.kill();
  await once(child, 'exit');
  assert.throws(() => opened.confirm(), { name: 'SystemError', code: 'ESRCH', path: `/proc/${pid}` });
  opened.close();
});

test('paths of an inotify are found on devices with large numbers', (t) => {
  const { statSync } = fs;
  t.after(() => {
    Object.assign(fs, { statSync });
    syncBuiltinESMExports();
  });
  // 259 is what NVMe partitions have. glibc's gnu_dev_makedev of stat(2) spreads the numbers.
  for (const [major, minor] of [
    [8n, 1n],
    [259n, 300n],
    [0xfffn, 0xfffffn],
  ] as const) {
    const dev = ((major & 0xfffn) << 8n) | (minor & 0xffn) | ((minor & ~0xffn) << 12n);
    Object.assign(fs, { statSync: () => ({ dev, ino: 77n }) });
    syncBuiltinESMExports();
    const sdev = ((major << 20n) | minor).toString(16);
    const target = describeInotify(process.pid, `inotify wd:1 ino:4d sdev:${sdev} mask:100 ignored_mask:0 \n`);
    assert.notEqual(target.watches[0]?.path, null, `${major}:${minor}`);
  }
});

test('looks at different files under one number are not joined: other user data, another inode', () => {
  const ready = {
    ready: EPOLLIN,
    condition: EPOLLIN,
    backlog: { unread: 7, unsent: null, received: null, acknowledged: null },
  };
  const codes = (changes: readonly object[]): string[] =>
    findings(
      changes.map((change, index) =>
        madeSnapshot([madeInstance([madeEntry({ ...ready, ...change })])], {
          monotonicMs: index * 100,
          threads: [thread(95 * index, 50 * index, 0)],
        }),
      ),
    ).map(({ code }) => code);
  assert.deepEqual(codes([{}, {}, {}]), ['spin']);
  assert.deepEqual(codes([{}, {}, { data: '0x0000000000000006' }]), []);
  assert.deepEqual(codes([{}, {}, { inode: '101' }]), []);
});

test('the time of threads in the kernel is in nanoseconds', () => {
  const begin = process.cpuUsage();
  while (process.cpuUsage(begin).system < 300_000) fs.readFileSync('/proc/self/maps');
  const systemNs = readThreadTimes(process.pid).reduce((sum, thread) => sum + thread.systemNs, 0);
  // The kernel divides the time of a process and that of a thread between user and system each in its own way.
  const share = systemNs / (process.cpuUsage().system * 1000);
  assert.ok(share > 0.4 && share < 2.5, `${share} of what the process used`);
});
