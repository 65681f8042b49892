import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { forgottenWhenAsked } from '#epoll/reactor/arming/forgottenWhenAsked.js';
import { formatEvents } from 'epoll-ts';

// Files whose poll method clears their event lose it when the epoll instance that watches them is itself watched, as a
// reactor's is by the host's loop. The host name's file is one, and can be changed in a namespace of one's own.

const change = 'EPOLLPRI|EPOLLERR';

test('a reactor delivers the events of files whose poll method uses them up', (context) => {
  const child = join(import.meta.dirname, '../../support/hostnameChanges.js');
  const unshare = ['--user', '--map-root-user', '--uts'];
  const probe = spawnSync('unshare', [...unshare, 'sh', '-c', 'echo probe > /proc/sys/kernel/hostname']);
  if (probe.status !== 0) {
    return context.skip(
      `no UTS namespace of one's own here: ${probe.error?.message ?? probe.stderr.toString().trim()}`,
    );
  }
  const { stdout, stderr, status } = spawnSync('unshare', [...unshare, process.execPath, child], { timeout: 60_000 });
  assert.equal(status, 0, stderr.toString());
  assert.deepEqual(JSON.parse(stdout.toString()), {
    kernelNested: [1, 0], // why all this is needed: the outer instance has an event, the inner none
    attached: [change],
    turned: [1, [change]],
    quiet: [0, []],
    oneshot: [[change], false],
    disarmed: [],
    rearmed: [[change], false],
    rearmedTurn: [1, [change]],
    awaited: change,
    kept: change,
    moved: [change],
    listed: ['EPOLLPRI|EPOLLERR|EPOLLHUP|EPOLLET'],
    closedNumber: [], // poll(2) says POLLNVAL, epoll nothing
  });
});

const kinds = [
  ['/proc/pressure/cpu', 'EPOLLPRI'],
  ['/proc/self/mounts', 'EPOLLIN|EPOLLPRI|EPOLLERR|EPOLLRDNORM'],
  ['/proc/sys/kernel/hostname', 'EPOLLIN|EPOLLPRI|EPOLLERR|EPOLLRDNORM'],
  ['/dev/null', '0'],
] as const;

for (const [path, consumed] of kinds) {
  test(`${path} uses up ${consumed} when it is asked`, (context) => {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      return context.skip(`${path} can't be opened here: ${(error as Error).message}`);
    }
    assert.equal(formatEvents(forgottenWhenAsked(fd)), consumed);
    closeSync(fd);
  });
}

test('a closed descriptor is left to epoll_ctl to refuse', () => assert.equal(forgottenWhenAsked(1_000_000), 0));
