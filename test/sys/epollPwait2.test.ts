import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import fc from 'fast-check';
import { roundedUpMs } from '#epoll/sys/epollPwait2.js';
import * as sys from 'epoll-ts/sys';
import { opened } from '../support/opened.ts';
import { runNode } from '../support/runNode.ts';
import type { UnderSeccomp } from '../support/pwait2UnderSeccomp.ts';

const program = fileURLToPath(new URL('../support/pwait2UnderSeccomp.js', import.meta.url));

test('a wait below a millisecond never ends early', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const buffer = new sys.EpollEventBuffer(1);
  for (let round = 0; round < 200; round++) {
    const start = process.hrtime.bigint();
    assert.equal(sys.epoll_pwait2(epfd, buffer, 1, 250_000n, null), 0);
    const took = process.hrtime.bigint() - start;
    assert.ok(took >= 250_000n, `round ${round} took ${took} ns`);
  }
});

test('an event ends the wait, whatever the timeout', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const fd = opened(t, sys.eventfd(1, 0));
  const buffer = new sys.EpollEventBuffer(1);
  assert.equal(sys.epoll_ctl(epfd, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN, 77n), 0);
  for (const timeoutNs of [null, 0n, 1n, 10n ** 18n, (2n ** 63n - 1n) * 10n ** 9n]) {
    assert.equal(sys.epoll_pwait2(epfd, buffer, 1, timeoutNs, null), 1);
    assert.equal(buffer.data(0), 77n);
  }
});

test('a negative duration is EINVAL', (t) => {
  const epfd = opened(t, sys.epoll_create1(0));
  const buffer = new sys.EpollEventBuffer(1);
  for (const timeoutNs of [-1n, -1_000_000_000n, -1_500_000_000n]) {
    assert.equal(sys.epoll_pwait2(epfd, buffer, 1, timeoutNs, null), -sys.EINVAL);
  }
});

for (const refusal of ['ENOSYS', 'EPERM'] as const) {
  test(`where epoll_pwait2 is answered with ${refusal}, epoll_pwait waits instead, and the call is not tried again`, (t) => {
    const found = underSeccomp(refusal);
    if (typeof found === 'string') return t.skip(found);
    assert.equal(found.refused, -sys[refusal], 'the filter is in force');
    assert.deepEqual(found.answers, {
      ready: 1,
      empty: 0,
      forEver: 1,
      negative: -sys.EINVAL,
      veryNegative: -sys.EINVAL,
    });
    assert.ok(BigInt(found.fastestNs) >= 1_000_000n, `250 µs are rounded up to 1 ms: took ${found.fastestNs} ns`);
    assert.equal(found.afterKillFilter, 0, 'a process that calls 441 now would have been killed');
  });
}

test('the filter that proves it kills a process that makes the call', (t) => {
  const { signal, stdout } = runNode(program, 'kill');
  if (stdout.startsWith('skip ')) return t.skip(stdout.slice(5));
  assert.equal(signal, 'SIGSYS');
});

test('milliseconds are rounded up, never to a wait that is shorter', () => {
  assert.deepEqual([0n, 1n, 999_999n, 1_000_000n, 1_000_001n].map(roundedUpMs), [0n, 1n, 1n, 1n, 2n]);
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), (ns) => {
      const ms = roundedUpMs(ns);
      return ms * 1_000_000n >= ns && (ms - 1n) * 1_000_000n < ns;
    }),
  );
});

/**
 * What a process finds whose epoll_pwait2 is answered with an error by seccomp; a text where no filter can be
 * installed.
 */
function underSeccomp(refusal: 'ENOSYS' | 'EPERM'): UnderSeccomp | string {
  const { status, signal, stdout, stderr } = runNode(program, refusal);
  if (stdout.startsWith('skip ')) return stdout.slice(5);
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr);
  return JSON.parse(stdout) as UnderSeccomp;
}
