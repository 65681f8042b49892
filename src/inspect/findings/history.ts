import type { EpollInstance, InspectedEntry, ProcessSnapshot } from '../processSnapshot.ts';

/** An entry that is in every sample. */
export interface History {
  readonly instance: EpollInstance;
  /** As it was at the first look, at which ghosts are told. */
  readonly entry: InspectedEntry;
  /** As it was at each look. */
  readonly looks: readonly [InspectedEntry, ...InspectedEntry[]];
  /** From the first look to the last; 0 for a single one. */
  readonly forMs: number;
}

/** The entries that are in all samples, each with how it was at every look. */
export function historiesOf(samples: readonly ProcessSnapshot[]): History[] {
  const [first, ...later] = samples;
  if (first === undefined) return [];
  const forMs = (samples.at(-1)?.monotonicMs ?? 0) - first.monotonicMs;
  const others = later.map((sample) => index(sample));
  return first.instances.flatMap((instance) =>
    instance.entries.flatMap((entry): History[] => {
      const key = keyOf(instance, entry);
      const rest = others.flatMap((sample) => sample.get(key) ?? []);
      return rest.length === others.length ? [{ instance, entry, looks: [entry, ...rest], forMs }] : [];
    }),
  );
}

function index({ instances }: ProcessSnapshot): Map<string, InspectedEntry> {
  return new Map(
    instances.flatMap((instance) => instance.entries.map((entry) => [keyOf(instance, entry), entry] as const)),
  );
}

// A number that is used again has, in a well-made program, other user data; a socket or pipe has another inode.
function keyOf({ fd }: EpollInstance, entry: InspectedEntry): string {
  return `${fd} ${entry.fd} ${entry.data} ${entry.inode}`;
}
