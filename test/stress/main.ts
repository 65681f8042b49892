// Runs a stress test in full, and prints what it counted: `npm run stress:churn`, `stress:accept`, `stress:shared`,
// `stress:flood`. --small: a short run; --worker: in a worker thread. Ends with 1 when something was not as it must be.
import { isMainThread } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { runStress, type StressName, stressSizes } from './runStress.ts';

const { values, positionals } = parseArgs({
  options: { small: { type: 'boolean', default: false }, worker: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const name = positionals[0] as StressName;
if (!isMainThread || !Object.hasOwn(stressSizes, name)) {
  console.error(`Cannot run '${name}' as the runs are: ${Object.keys(stressSizes).join(', ')}`);
  process.exitCode = 2;
} else {
  const begin = performance.now();
  const size = values.small ? 'small' : 'full';
  const { counts, faults } = await runStress(name, size, values.worker ? 'worker' : 'main');
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(
    `${name} (${size}, in ${values.worker ? 'a worker' : 'the main thread'}, Node ${process.versions.node}, ` +
      `${seconds} s)`,
  );
  for (const [what, count] of Object.entries(counts)) console.log(`  ${what}: ${count}`);
  for (const fault of faults) console.error(`  FAULT: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
