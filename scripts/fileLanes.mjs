// @ts-check
// Compiled test files, each in a run of its own, several at a time: for what starts them under another program.
import { runGroup } from './runner.mjs';

/**
 * @typedef {object} FileRun
 * @property {string} program
 * @property {readonly string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * Runs every file, prints a line for each and what a failed one wrote, and at last the sums.
 *
 * @param {readonly string[]} files
 * @param {{ title: string, lanes: number, limitMs: number, of: (file: string) => FileRun }} how `of` answers how a file
 *   is run, with the reporter tap
 * @returns {Promise<boolean>} whether each file passed something, and failed nothing
 */
export async function runFileLanes(files, { title, lanes, limitMs, of }) {
  const total = { pass: 0, fail: 0, skipped: 0 };
  let failed = 0;
  const queue = files.values();
  const lane = async () => {
    for (const file of queue) {
      const start = Date.now();
      const { program, args, cwd, env } = of(file);
      const { status, late, output } = await runGroup(program, args, { cwd, env, limitMs, capture: true });
      const counts = countsIn(output);
      for (const name of /** @type {const} */ (['pass', 'fail', 'skipped'])) total[name] += counts[name];
      const seconds = Math.round((Date.now() - start) / 1000);
      console.log(`${file}: ${counts.pass} passed, ${counts.fail} failed, ${counts.skipped} skipped, ${seconds} s`);
      if (status === 0 && counts.pass > 0) continue;
      failed++;
      console.log(late ? `killed after ${limitMs / 1000} s\n${output}` : output);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  console.log(
    `${title}: ${total.pass} tests passed, ${total.fail} failed, ${total.skipped} skipped; ` +
      `${failed} of ${files.length} files failed`,
  );
  return failed === 0;
}

/** @param {string} output */
function countsIn(output) {
  /** @param {string} name */
  const count = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);
  return { pass: count('pass'), fail: count('fail'), skipped: count('skipped') };
}
