import type { Variant } from '../suite/measure.ts';
import { c, node, npmEpoll, python, together } from '../suite/peers.ts';

const raw = [{ peer: 'c', least: 0.92 }];
const blocking = [{ peer: 'c', least: 0.85 }];

/** How many events are handed to handlers. Nobody drains the counters: what is measured is the way of an event alone. */
export function dispatch(): Variant[] {
  const ours = (mode: string, ready: string, trigger: string, ...peers: readonly ReturnType<typeof c>[]): Variant => ({
    name: `${mode}, ${ready} ready, ${trigger}`,
    unit: 'event',
    ...together(
      node('ours', 'ours/dispatch', mode, ready, trigger),
      c('dispatch', ready, trigger),
      python('dispatch', ready, trigger),
      ...peers,
    ),
  });
  const uvPoll = (ready: string): ReturnType<typeof c> => node('uv_poll per fd', 'peers/node/uvPollDispatch', ready);
  const epoll = (ready: string): ReturnType<typeof c> => npmEpoll('peers/node/npmEpollDispatch', ready);
  const attached1 = [
    { peer: 'c', least: 0.25 },
    { peer: 'uv_poll per fd', least: 1.5 },
  ];
  const attached64 = [
    { peer: 'c', least: 0.7 },
    { peer: 'npm epoll', least: 250 },
  ];
  return [
    { ...ours('raw', '1', 'level') },
    { ...ours('raw', '64', 'level'), targets: raw },
    { ...ours('raw', '64', 'edge') },
    { ...ours('blocking', '1', 'level'), targets: [{ peer: 'c', least: 0.75 }] },
    { ...ours('blocking', '8', 'level') },
    { ...ours('blocking', '64', 'level'), targets: blocking },
    { ...ours('blocking', '64', 'edge') },
    { ...ours('blocking', '1024', 'level') },
    { ...ours('attached', '1', 'level', uvPoll('1'), epoll('1')), targets: attached1 },
    { ...ours('attached', '64', 'level', uvPoll('64'), epoll('64')), targets: attached64 },
    { ...ours('promise', '1', 'level') },
    { ...ours('promise', '64', 'level'), targets: [{ peer: 'c', least: 0.09 }] },
  ];
}
