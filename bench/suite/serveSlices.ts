import { readSync, writeSync } from 'node:fs';

/** What a slice of work cost. */
export interface SliceCost {
  readonly operations: number;
  readonly wallNs: number;
  readonly userUs: number;
  readonly systemUs: number;
}

/**
 * The contender's side of the protocol: a line with a number of operations in, a line with their cost out. The pipe is
 * read blocking, so that nothing but the work itself is in the event loop while it runs.
 *
 * @param slice does at least so many operations and answers how many it did, or what they cost where that is not the
 *   cost of this process
 */
export async function serveSlices(slice: (operations: number) => number | SliceCost | Promise<number>): Promise<void> {
  for (let line = readLine(); line !== undefined; line = readLine()) {
    const before = process.cpuUsage();
    const begin = process.hrtime.bigint();
    const answer = slice(Number(line));
    const done = answer instanceof Promise ? await answer : answer;
    const wallNs = Number(process.hrtime.bigint() - begin);
    const { user, system } = process.cpuUsage(before);
    const cost = typeof done === 'number' ? { operations: done, wallNs, userUs: user, systemUs: system } : done;
    writeSync(1, `${JSON.stringify(cost)}\n`);
  }
  // What is registered keeps the process alive otherwise.
  process.exit();
}

let rest = '';

function readLine(): string | undefined {
  const chunk = Buffer.alloc(64);
  while (!rest.includes('\n')) {
    const length = readSync(0, chunk);
    if (length === 0) return undefined;
    rest += chunk.toString('latin1', 0, length);
  }
  const [line, ...others] = rest.split('\n');
  rest = others.join('\n');
  return line;
}
