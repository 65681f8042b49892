// Starts the command of the arguments, once for each operation. It prints the CPU time that it needed for what it was
// started for; the wall time is that of its whole life.
import { spawnSync } from 'node:child_process';
import { serveSlices } from './serveSlices.ts';

const [program = '', ...args] = process.argv.slice(2);

await serveSlices((operations) => {
  const cost = { operations, wallNs: 0, userUs: 0, systemUs: 0 };
  for (let count = 0; count < operations; count++) {
    const begin = process.hrtime.bigint();
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    cost.wallNs += Number(process.hrtime.bigint() - begin);
    if (status !== 0) throw new Error(`Cannot measure as ${program} failed: ${stderr}`);
    const { userUs, systemUs } = JSON.parse(stdout) as { userUs: number; systemUs: number };
    cost.userUs += userUs;
    cost.systemUs += systemUs;
  }
  return cost;
});
