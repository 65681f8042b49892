import { setImmediate } from 'node:timers/promises';

/**
 * Lets the event loop go round: what is ready when this is called has been delivered when it resolves, so what was not
 * delivered then is not on its way.
 */
export async function loopTurns(count = 4): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

/** So long that only a hang takes longer. */
const hangMs = 30_000;

/** What a promise resolves to, or a failure with a name in place of a test that hangs. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${hangMs} ms`)), hangMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets the event loop go round until a condition holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > hangMs) throw new Error(`${what} did not happen within ${hangMs} ms`);
    await setImmediate();
  }
}

/** Whether a promise is settled by now. */
export async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const end = (): void => void (done = true);
  promise.then(end, end);
  await loopTurns();
  return done;
}
