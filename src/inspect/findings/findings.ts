import type { ProcessSnapshot } from '../processSnapshot.ts';
import { cpuUse } from './cpuUse.ts';
import { ghost, oneshotDisarmed } from './entryState.ts';
import type { Finding } from './finding.ts';
import { herds } from './herd.ts';
import { historiesOf } from './history.ts';
import { leaks, nesting, watches } from './instanceState.ts';
import { readyState } from './readyState.ts';

/**
 * What is wrong with a process's epoll instances. Pure: it looks at the data only.
 *
 * One snapshot shows disarmed one-shots, ghosts, herds, nesting, leaks and the limit. What is wrong only when it stays
 * (a spin, a stall, an idle EPOLLOUT, a hangup nobody takes) needs the snapshots of `sampleProcess`; then a disarmed
 * one-shot must be so in all of them, too. At most one finding is made of an entry: the first that explains it.
 *
 * @param samples a snapshot, or several of one process, oldest first
 * @returns one object per finding; empty when nothing is wrong
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Epoll, EventFd } from 'epoll-ts';
 * import { findings, inspectProcess } from 'epoll-ts/inspect';
 * import { EPOLLIN, EPOLLONESHOT, EpollEventBuffer } from 'epoll-ts/sys';
 *
 * const ep = new Epoll();
 * const counter = new EventFd({ initial: 1n });
 * ep.add(counter, EPOLLIN | EPOLLONESHOT);
 * ep.wait(new EpollEventBuffer(1), { timeoutMs: 0 });
 * const codes = findings(inspectProcess(process.pid)).flatMap(({ code, epfd }) => (epfd === ep.fd ? [code] : []));
 * assert.deepEqual(codes, ['oneshot-disarmed']);
 * counter.close();
 * ep.close();
 * ```
 */
export function findings(samples: ProcessSnapshot | readonly ProcessSnapshot[]): Finding[] {
  const all = 'pid' in samples ? [samples] : samples;
  const [first] = all;
  if (first === undefined) return [];
  const threads = cpuUse(all);
  const perEntry = historiesOf(all).flatMap(
    (history) => ghost(history) ?? oneshotDisarmed(history) ?? readyState(history, threads) ?? [],
  );
  return [...perEntry, ...herds(first), ...nesting(first), ...leaks(all), ...watches(first)];
}
