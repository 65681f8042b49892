import type { Variant } from '../suite/measure.ts';
import { c, node, together } from '../suite/peers.ts';

/** How late waits of 100 µs end, and what they cost. */
export function timer(): Variant[] {
  const named = (name: string, { programs, skipped }: ReturnType<typeof c>): ReturnType<typeof c> => ({
    programs: programs.map(({ command }) => ({ name, command })),
    skipped,
  });
  return [
    {
      name: 'waits of 100 µs',
      unit: 'wait',
      effort: { sliceMs: 4, warmUpMs: 40, rounds: 11 },
      waitNs: 100_000,
      ...together(
        node('ours, Epoll.wait', 'ours/timer', 'wait'),
        node('ours, TimerFd', 'ours/timer', 'timerfd'),
        node('ours, attached', 'ours/timer', 'attached'),
        named('c, epoll_pwait2', c('timer', 'pwait2')),
        named('c, timerfd', c('timer', 'timerfd')),
        node('setTimeout', 'ours/timer', 'setTimeout'),
      ),
    },
  ];
}
