import type { Variant } from '../suite/measure.ts';
import { c, node, together } from '../suite/peers.ts';

/** What a change of the interest list costs. */
export function ctl(): Variant[] {
  const variant = (name: string, mode: string, peer: string): Variant => ({
    name,
    unit: 'call',
    ...together(node('ours', 'ours/ctl', mode), c('ctl', peer)),
  });
  return [
    variant('epoll_ctl MOD', 'sys-mod', 'mod'),
    { ...variant('reg.rearm()', 'mod', 'mod'), targets: [{ peer: 'c', least: 1 / 1.7 }] },
    variant('one-shot: wait, handle, re-arm', 'rearm', 'rearm'),
    variant('close and register', 'add-del', 'add-del'),
  ];
}
