import { serveSlices } from './serveSlices.ts';

/**
 * Slices of a contender that is told from outside, by its load client, what to do.
 *
 * @param begin has the client do so many operations
 * @returns to be called with each part that is done, in `parts` to an operation
 */
export function countSlices(begin: (operations: number) => void, parts: number = 1): (done: number) => void {
  let left = 0;
  let end: () => void = () => {};
  void serveSlices(async (operations) => {
    left += operations * parts;
    const finished = new Promise<number>((resolve) => {
      end = () => resolve(operations);
    });
    begin(operations);
    return finished;
  });
  return (done) => {
    left -= done;
    if (left <= 0) end();
  };
}
