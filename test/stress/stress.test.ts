// Small runs of the stress tests, in the main thread and in a worker; `npm run stress:churn` and the like are the full
// ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingPrlimit } from './flood.ts';
import { runStress, type StressName } from './runStress.ts';

const promises: Readonly<Record<StressName, string>> = {
  churn:
    'connections that an outside client opens, resets and half-closes are echoed to the byte, ' +
    'and leave no fd and no heap',
  accept: 'one connect wakes fewer than 4 of 4 waiting workers with exclusive, and each connect is served',
  shared: '4 workers with one-shot entries are never two in one connection, and lose no message',
  flood: 'a server with 64 files goes on serving in a flood, idles while it is full, and recovers',
};

for (const name of Object.keys(promises) as StressName[]) {
  for (const where of ['main', 'worker'] as const) {
    const skip = name === 'flood' ? missingPrlimit() : undefined;
    test(`${promises[name]} (${where})`, { skip: skip ?? false }, async () => {
      const { counts, faults } = await runStress(name, 'small', where);
      assert.deepEqual(faults, [], JSON.stringify(counts));
    });
  }
}
