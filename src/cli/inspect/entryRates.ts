import type { EpollInstance, InspectedEntry, ProcessSnapshot } from '../../inspect/index.ts';

/** How an entry changed over the last looks. */
export interface EntryRate {
  /** In how many of the looks it was ready: 0 to 1; null: readiness is not known. */
  readonly readyShare: number | null;
  /** TCP: bytes a second that came in; null: not counted. */
  readonly received: number | null;
  /** TCP: bytes a second that the peer acknowledged. */
  readonly acknowledged: number | null;
}

/** Names an entry over several looks at one process. */
export function entryKey({ fd }: EpollInstance, entry: InspectedEntry): string {
  return `${fd} ${entry.fd} ${entry.data} ${entry.inode}`;
}

/** The rate of each entry of the last of some looks at a process, oldest first, by its key. */
export function entryRates(looks: readonly ProcessSnapshot[]): Map<string, EntryRate> {
  const last = looks.at(-1);
  if (last === undefined) return new Map();
  const histories = looks.map((look) => ({ monotonicMs: look.monotonicMs, entries: byKey(look) }));
  return new Map(
    [...byKey(last)].map(([key, entry]) => {
      const seen = histories.flatMap(({ monotonicMs, entries }) => {
        const then = entries.get(key);
        return then === undefined ? [] : [{ monotonicMs, entry: then }];
      });
      const known = seen.filter((look) => look.entry.ready !== null);
      const first = seen[0];
      const seconds = first === undefined ? 0 : (last.monotonicMs - first.monotonicMs) / 1_000;
      const perSecond = (counter: 'received' | 'acknowledged'): number | null => {
        const from = first?.entry.backlog?.[counter] ?? null;
        const to = entry.backlog?.[counter] ?? null;
        return from === null || to === null || seconds <= 0 ? null : Math.max(0, to - from) / seconds;
      };
      const ready = known.filter((look) => look.entry.ready !== 0).length;
      return [
        key,
        {
          readyShare: known.length === 0 ? null : ready / known.length,
          received: perSecond('received'),
          acknowledged: perSecond('acknowledged'),
        },
      ];
    }),
  );
}

function byKey({ instances }: ProcessSnapshot): Map<string, InspectedEntry> {
  return new Map(
    instances.flatMap((instance) => instance.entries.map((entry) => [entryKey(instance, entry), entry] as const)),
  );
}

/** A rate for a person: `ready 40 %, in 1.2 kB/s, out 0 B/s`. */
export function rateText({ readyShare, received, acknowledged }: EntryRate): string {
  const parts = [
    readyShare === null ? '' : `${Math.round(readyShare * 100)} %`,
    received === null || received === 0 ? '' : `in ${bytesText(received)}/s`,
    acknowledged === null || acknowledged === 0 ? '' : `out ${bytesText(acknowledged)}/s`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
