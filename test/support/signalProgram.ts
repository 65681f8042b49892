import assert from 'node:assert/strict';
import { runNode } from './runNode.ts';

const imports = `
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { SignalFd } from 'epoll-ts';
import { gettid, pollOne, POLLIN, pthread_sigmask, SIG_BLOCK, SIGHUP, SIGTERM, SIGRTMIN, SignalSet, tgkill } from 'epoll-ts/sys';
import { foreign } from '#epoll/sys/ffi/foreign.js';
import { blockedSignals } from './build/test/support/blockedSignals.js';

const thread = (...signals) => new SignalFd(signals, { directed: 'thread' });
const toThread = (signal) => assert.equal(tgkill(process.pid, gettid(), signal), 0);
`;

/** Runs a program, in a process that its signals can end; it fails where it does not end by itself. */
export function passes(source: string, ...flags: readonly string[]): void {
  const ended = runNode(...flags, '--input-type=module', '--eval', `${imports}${source}\nconsole.log('passed');`);
  assert.deepEqual([ended.signal, ended.stderr, ended.stdout], [null, '', 'passed\n']);
}
