/** The middle of some figures, and how far they lie apart. */
export interface Distribution {
  readonly median: number;
  /** The quarter of the figures that is smallest ends here. */
  readonly low: number;
  /** The quarter of the figures that is largest begins here. */
  readonly high: number;
}

export function distribution(figures: readonly number[]): Distribution {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
