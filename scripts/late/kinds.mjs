// @ts-check
import { createHash } from 'node:crypto';

/**
 * Calls, and by how much (microseconds) and how often in each thread they are delayed, as strace writes it. Before a
 * call (delay_enter), the others go on while this thread has not done its part; after it (delay_exit), they see what it
 * did before it goes on itself.
 *
 * @typedef {{ calls: readonly string[], delay: string }} Delay
 */

const calls = {
  write: ['write', 'writev', 'sendto', 'sendmsg', 'pwrite64'],
  close: ['shutdown', 'close'],
  read: ['read', 'recvfrom', 'recvmsg', 'readv', 'accept4'],
  wait: ['epoll_wait', 'epoll_pwait', 'epoll_pwait2'],
  start: ['clone', 'clone3', 'vfork', 'execve', 'connect', 'kill', 'tgkill', 'exit_group', 'wait4'],
  change: ['epoll_ctl', 'timerfd_settime', 'eventfd2', 'bind', 'listen'],
  lock: ['futex'],
};

/** @type {Readonly<Record<keyof typeof calls, string>>} */
const fixed = {
  write: 'delay_exit=4000:when=1..1500+1',
  close: 'delay_enter=5000:when=1..800+1',
  read: 'delay_enter=3000:when=1..600+2',
  wait: 'delay_exit=8000:when=1..300+1',
  start: 'delay_exit=30000:when=1..200+1',
  change: 'delay_enter=4000:when=1..500+1',
  lock: 'delay_exit=2000:when=1..1000+7',
};
const classes = /** @type {(keyof typeof calls)[]} */ (Object.keys(calls));

/** Every kind of run: each class of calls late by itself, and all of them by chance. */
export const kinds = [...classes, 'random'];

/**
 * What is delayed in a file's run. By chance each class has its own delay of up to 4 ms before or after some of its
 * calls, which the seed and the file's name determine.
 *
 * @param {string} kind
 * @param {string} file
 * @param {string} seed
 * @returns {readonly Delay[]}
 */
export function delaysOf(kind, file, seed) {
  return classes
    .filter((name) => kind === 'random' || kind === name)
    .map((name) => ({
      calls: calls[name],
      delay: kind === 'random' ? byChance(`${seed} ${file} ${name}`) : fixed[name],
    }));
}

/** @param {string} text */
function byChance(text) {
  const [side = 0, size = 0, first = 0, step = 0] = createHash('sha256').update(text).digest();
  // Between 20 µs, which a call takes, and 4 ms, evenly by the order of magnitude.
  const delay = Math.round(20 * 200 ** (size / 255));
  return `${side % 2 === 0 ? 'delay_enter' : 'delay_exit'}=${delay}:when=${1 + (first % 8)}..1500+${1 + (step % 6)}`;
}

/**
 * Test files that are not run, by a part of their name, with the kinds and the reason.
 *
 * @type {ReadonlyMap<string, { of: readonly string[], reason: string }>}
 */
export const leftOut = new Map([
  ['house/', { of: kinds, reason: 'reads source text, which is the same however late' }],
  [
    'reactor/allocation',
    {
      of: ['wait', 'change', 'random'],
      reason: 'waits and re-arms by the hundred thousand, and strace stops each time',
    },
  ],
  [
    'cli/inspect/misbehavior',
    { of: ['wait', 'random'], reason: 'looks at what share of its time a program spins that is delayed here' },
  ],
]);
