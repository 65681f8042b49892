import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { gettid } from 'epoll-ts/sys';
import { parseThreadMask, readThreadMasks } from '#epoll/fd/threadMasks.js';
import { blockedSignals } from '../support/blockedSignals.ts';

test('parseThreadMask reads what proc(5) shows', () => {
  const status =
    'Name:\tmy Pid:\t3\nUmask:\t0022\nTgid:\t7\nPid:\t12\nPPid:\t1\nShdPnd:\t00\nSigBlk:\tfffffffe7ffbfeff\nSigIgn:\t01\n';
  assert.deepEqual(parseThreadMask(status), { tid: 12, name: 'my Pid:\t3', blocked: 0xfffffffe7ffbfeffn });
});

test('readThreadMasks gives each thread once, with its own mask', () => {
  const tids = (): number[] => readdirSync('/proc/self/task').map(Number);
  let [before, masks] = [tids(), readThreadMasks()];
  // A thread that comes or goes meanwhile is in one of the two.
  while (tids().join() !== before.join()) [before, masks] = [tids(), readThreadMasks()];
  assert.deepEqual(
    masks.map(({ tid }) => tid),
    before,
  );
  const own = masks.find(({ tid }) => tid === gettid());
  assert.equal(
    own?.blocked,
    blockedSignals().reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n),
  );
});
