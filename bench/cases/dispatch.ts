import type { Target, Variant } from '../suite/measure.ts';
import { c, type Field, node, npmEpoll, python, together } from '../suite/peers.ts';

const modes = ['raw', 'blocking', 'attached', 'promise'] as const;
const sizes = ['1', '8', '64', '1024'];
const targets: Readonly<Record<string, readonly Target[]>> = {
  'raw 64 level': [{ peer: 'c', least: 0.92 }],
  'blocking 1 level': [{ peer: 'c', least: 0.75 }],
  'blocking 64 level': [{ peer: 'c', least: 0.85 }],
  'attached 1 level': [
    { peer: 'c', least: 0.25 },
    { peer: 'uv_poll per fd', least: 1.5 },
  ],
  'attached 64 level': [
    { peer: 'c', least: 0.7 },
    { peer: 'npm epoll', least: 250, by: 'wall' },
  ],
  'promise 64 level': [{ peer: 'c', least: 0.09 }],
};

/**
 * How many events are handed to handlers. Nobody drains the counters: what is measured is the way of an event alone.
 */
export function dispatch(): Variant[] {
  const variants = modes.flatMap((mode) =>
    ['level', 'edge'].flatMap((trigger) => sizes.map((ready) => variant(mode, ready, trigger))),
  );
  return [limit(), ...variants];
}

/**
 * What C itself pays in a process with threads, and when it returns through as many functions as a call from JavaScript
 * does.
 */
function limit(): Variant {
  const limited = (name: string, threads: string, depth: string): Field => {
    const { programs, skipped } = c('limit', threads, depth);
    return { programs: programs.map(({ command }) => ({ name, command })), skipped };
  };
  return {
    name: 'what limits a call of C, 1 ready, level',
    unit: 'event',
    ...together(
      node('ours', 'ours/dispatch', 'raw', '1', 'level'),
      limited('c', '0', '0'),
      limited('c, a thread', '1', '0'),
      limited('c, 5 returns', '0', '5'),
      limited('c, both', '1', '5'),
    ),
  };
}

function variant(mode: (typeof modes)[number], ready: string, trigger: string): Variant {
  const fields = [node('ours', 'ours/dispatch', mode, ready, trigger), c('dispatch', ready, trigger)];
  // The others where the difference is seen, so that all of it stays short.
  if (trigger === 'level' && (ready === '1' || ready === '64')) {
    if (mode === 'raw' || mode === 'blocking') fields.push(python('dispatch', ready, trigger));
    if (mode === 'attached') {
      fields.push(node('uv_poll per fd', 'peers/node/uvPollDispatch', ready));
      fields.push(npmEpoll('peers/node/npmEpollDispatch', ready));
    }
  }
  return {
    name: `${mode}, ${ready} ready, ${trigger}`,
    unit: 'event',
    ...together(...fields),
    targets: targets[`${mode} ${ready} ${trigger}`] ?? [],
  };
}
