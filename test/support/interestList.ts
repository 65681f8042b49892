import { readFileSync } from 'node:fs';

/** What the kernel shows of one entry of an interest list. */
export interface ShownEntry {
  readonly tfd: number;
  readonly events: number;
  readonly data: bigint;
}

/**
 * The interest list of an epoll descriptor of this process, as /proc/self/fdinfo shows it (fs/eventpoll.c,
 * ep_show_fdinfo).
 */
export function interestList(epfd: number): ShownEntry[] {
  const text = readFileSync(`/proc/self/fdinfo/${epfd}`, 'utf8');
  return [...text.matchAll(/^tfd:\s*(\d+)\s+events:\s*([0-9a-f]+)\s+data:\s*([0-9a-f]+)/gm)].map(
    ([, tfd, events, data]) => ({ tfd: Number(tfd), events: Number(`0x${events}`), data: BigInt(`0x${data}`) }),
  );
}
