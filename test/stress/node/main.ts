// Node's own tests with our sockets put in: `npm run stress:node -- --tests DIR`, where DIR is the folder `test` of a
// checkout of Node's repository (its tests are not part of this project). Each test runs with ours; one that fails runs
// with its control too, a plain Duplex around Node's socket, and counts as failed where that passes. Ends with 1 when a
// test fails that is no known difference.
//
//   --side server|client    only this side: the sockets that servers accept, or those that connect
//   --only PART             only tests with this in their names; may be given again
//   --jobs N                so many at a time, 2 by default
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { knownDifferences } from './knownDifferences.ts';
import { runNodeTest, type Side } from './nodeTest.ts';

const areas = /^test-(net|http|http2|https|tls)-.*\.m?js$/;
const counts = { passed: 0, failed: 0, skipped: 0 };
const outdated: string[] = [];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function judge(folder: string, test: string, side: Side): Promise<void> {
  const file = path.join(folder, test);
  const known = knownDifferences.find((each) => each.test === test && (each.side ?? side) === side);
  let ours = await runNodeTest(file, side, false);
  if (ours.passed) {
    if (ours.used) counts.passed++;
    else counts.skipped++;
    if (known !== undefined) outdated.push(`${side}: ${test}`);
    return;
  }
  const control = await runNodeTest(file, side, true);
  // What also fails with a plain Duplex, or has no socket to replace, says nothing of ours.
  if (!control.passed || !control.used || known !== undefined) {
    counts.skipped++;
    if (control.passed && known !== undefined) say(`known: ${side}: ${test}: ${known.reason}`);
    return;
  }
  // Once more, as a busy machine may have been the reason.
  ours = await runNodeTest(file, side, false);
  if (ours.passed) {
    counts.passed++;
    return;
  }
  counts.failed++;
  say(`not ok: ${side}: ${test}: passes with the control, fails with ours\n${ours.output.replaceAll(/^/gm, '    ')}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      tests: { type: 'string' },
      side: { type: 'string', multiple: true, default: ['server', 'client'] },
      only: { type: 'string', multiple: true, default: [''] },
      jobs: { type: 'string', default: '2' },
    },
  });
  if (values.tests === undefined) {
    console.error("Cannot run Node's tests as '--tests' must be the folder 'test' of a checkout of Node's repository");
    return 2;
  }
  const folder = path.resolve(values.tests, 'parallel');
  const tests = readdirSync(folder).filter(
    (name) => areas.test(name) && values.only.some((part) => name.includes(part)),
  );
  const queue = values.side.flatMap((side) => tests.map((test) => () => judge(folder, test, side as Side))).values();
  const lane = async (): Promise<void> => {
    for (const job of queue) await job();
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane));
  for (const name of outdated) say(`note: ${name} is listed as a known difference, and passes`);
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

process.exitCode = await main();
