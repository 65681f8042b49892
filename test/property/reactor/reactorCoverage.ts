/** What the programs have come through. */
export class ReactorCoverage {
  readonly #counts = new Map<string, number>();

  count(what: string): void {
    this.#counts.set(what, this.get(what) + 1);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** `closes 4, events 123`, by name. */
  toString(): string {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  }
}
