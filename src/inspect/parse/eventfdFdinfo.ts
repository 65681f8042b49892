import type { EventfdTarget } from '../target.ts';

/** Reads the fdinfo of an eventfd: the counter, its number (Linux 5.2) and, on newer kernels, the mode. */
export function parseEventfdFdinfo(text: string): EventfdTarget {
  const count = /^eventfd-count:\s*([0-9a-f]+)$/m.exec(text)?.[1];
  const id = /^eventfd-id:\s*(-?\d+)$/m.exec(text)?.[1];
  const semaphore = /^eventfd-semaphore:\s*([01])$/m.exec(text)?.[1];
  return {
    kind: 'eventfd',
    count: count === undefined ? null : BigInt(`0x${count}`).toString(),
    id: id === undefined ? null : Number(id),
    semaphore: semaphore === undefined ? null : semaphore === '1',
  };
}
