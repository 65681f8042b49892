import { Contender, type Program } from './contender.ts';
import { type Distribution, distribution } from './distribution.ts';
import type { SliceCost } from './serveSlices.ts';

/** One question of a case: the same work, done by ours and by its peers. The first program is ours. */
export interface Variant {
  readonly name: string;
  /** What is counted. */
  readonly unit: string;
  readonly programs: readonly Program[];
  /** Peers that are not here, each with the reason. */
  readonly skipped?: readonly string[];
  readonly targets?: readonly Target[];
  /** What of the effort is another for this question. */
  readonly effort?: Partial<Effort>;
  readonly rate?: Rate;
  /** An operation is a wait of so many nanoseconds: what is asked is how much longer it takes. */
  readonly waitNs?: number;
  /** The operations of the first slice, by which the next ones are sized: 64, unless one takes long. */
  readonly first?: number;
}

/** What is shown per second, too. */
export interface Rate {
  readonly unit: string;
  /** How many operations make one. */
  readonly operations: number;
}

/** What the ratio of a peer's cost to ours must be, at least: 1 is as fast, 2 is twice as fast. */
export interface Target {
  readonly peer: string;
  readonly least: number;
  /** `wall` compares the events of a second, where a peer mostly waits for its own threads; CPU time by default. */
  readonly by?: 'cpu' | 'wall';
}

/** What one contender needed for one operation. */
export interface Measured {
  readonly name: string;
  readonly cpuNs: Distribution;
  /** Over all rounds: the kernel samples which of the two it was, so a single slice tells little. */
  readonly userNs: number;
  readonly systemNs: number;
  readonly wallNs: Distribution;
  /** The CPU time that this contender needs, divided by what ours needs, round by round. */
  readonly ratio: Distribution;
  /** The same of the time on the wall. */
  readonly wallRatio: Distribution;
}

/** A target, and what came out. */
export interface Verdict extends Target {
  readonly ratio: number;
  readonly met: boolean;
}

/** The result of a variant. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  readonly rate?: Rate | undefined;
  readonly waitNs?: number | undefined;
  readonly contenders: readonly Measured[];
  readonly skipped: readonly string[];
  readonly targets: readonly Verdict[];
}

/**
 * How long a slice and the time to get warm are meant to take, in milliseconds of CPU time, and how many rounds there
 * are.
 */
export interface Effort {
  readonly sliceMs: number;
  readonly warmUpMs: number;
  readonly rounds: number;
}

const perOperation = ({ operations, userUs, systemUs }: SliceCost): number => ((userUs + systemUs) * 1000) / operations;
const wallPerOperation = ({ operations, wallNs }: SliceCost): number => wallNs / operations;

/** Runs the contenders of a variant in turn, round by round, so that what disturbs the machine disturbs them all. */
export async function measure(variant: Variant, effort: Effort, tell: (text: string) => void): Promise<Result> {
  const { rounds } = effort;
  const contenders = variant.programs.map((program) => new Contender(program));
  const costs = contenders.map((): SliceCost[] => []);
  const skipped = [...(variant.skipped ?? [])];
  try {
    const sizes: number[] = [];
    for (const contender of contenders) sizes.push(await sized(contender, effort, variant.first));
    for (let round = 0; round < rounds; round++) {
      tell(`${variant.name}: round ${round + 1} of ${rounds}`);
      // Each begins in turn: who comes after a pause of the machine is not always the same one.
      for (let turn = 0; turn < contenders.length; turn++) {
        const index = (turn + round) % contenders.length;
        const cost = await contenders[index]?.slice(sizes[index] ?? 1);
        if (cost !== undefined) costs[index]?.push(cost);
      }
    }
  } finally {
    await Promise.all(contenders.map(async (contender) => contender.end()));
  }
  const measured = contenders.map(({ name }, index): Measured => summary(name, costs[index] ?? [], costs[0] ?? []));
  const targets = (variant.targets ?? []).flatMap((target) => {
    const peer = measured.find(({ name }) => name === target.peer);
    const ratio = (target.by === 'wall' ? peer?.wallRatio : peer?.ratio)?.median;
    return ratio === undefined ? [] : [{ ...target, ratio, met: ratio >= target.least }];
  });
  const { name, unit, rate, waitNs } = variant;
  return { name, unit, rounds, rate, waitNs, contenders: measured, skipped, targets };
}

// Warm first: the compiler of V8 and the spin watch (10,000 turns) have their say before anything counts. CPU time
// decides, as on a busy machine the wall clock says nothing of the work.
async function sized(contender: Contender, { sliceMs, warmUpMs }: Effort, first = 64): Promise<number> {
  let operations = first;
  for (let spentMs = 0; spentMs < warmUpMs;) {
    const cost = await contender.slice(operations);
    const ms = Math.max((cost.userUs + cost.systemUs) / 1000, 0.05);
    spentMs += ms;
    operations = Math.ceil(Math.min(cost.operations * 8, (cost.operations * sliceMs) / ms));
  }
  return Math.max(operations, 1);
}

function summary(name: string, costs: readonly SliceCost[], ours: readonly SliceCost[]): Measured {
  const total = (pick: (cost: SliceCost) => number): number => costs.reduce((sum, cost) => sum + pick(cost), 0);
  const against = (per: (cost: SliceCost) => number): Distribution =>
    distribution(costs.flatMap((cost, round) => (ours[round] === undefined ? [] : [per(cost) / per(ours[round])])));
  return {
    name,
    cpuNs: distribution(costs.map(perOperation)),
    userNs: (total(({ userUs }) => userUs) * 1000) / total(({ operations }) => operations),
    systemNs: (total(({ systemUs }) => systemUs) * 1000) / total(({ operations }) => operations),
    wallNs: distribution(costs.map(wallPerOperation)),
    ratio: against(perOperation),
    wallRatio: against(wallPerOperation),
  };
}
