/**
 * The candidate that was probably meant: the one with the fewest edits (insert, delete, replace, swap), if they are few
 * for the length of what was typed.
 */
export function nearest(typed: string, candidates: Iterable<string>): string | null {
  const most = Math.max(1, Math.floor(typed.length / 3));
  let best: string | null = null;
  let least = most + 1;
  for (const candidate of candidates) {
    const distance = edits(typed.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

// Optimal string alignment: row i holds the edits from the first i letters of `from` to each beginning of `to`.
function edits(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replace = (last[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swap = swapped ? (before[column - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replace, swap));
    }
    before = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
