// @ts-check
import { spawn } from 'node:child_process';
import { groupMembers, kill, killSlowChildren } from './processGroup.mjs';

/**
 * @typedef {object} Ended
 * @property {number} status the exit status; 137 for one that was killed
 * @property {boolean} late it was killed at the limit
 * @property {string} output what it wrote, where `capture` was asked for
 */

/**
 * Runs a program without a terminal, as leader of its own process group, and leaves nothing of the group behind: a
 * process blocked in a system call with its signals blocked ends only by SIGKILL, and its children hold our pipes.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ limitMs: number, childLimitMs?: number, cwd: string, env?: NodeJS.ProcessEnv, capture?: boolean }} options
 *   limitMs of the program, childLimitMs of each process that it starts
 * @returns {Promise<Ended>}
 */
export async function runGroup(program, args, { limitMs, childLimitMs, cwd, env = process.env, capture = false }) {
  const output = capture ? 'pipe' : 'inherit';
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  const leader = child.pid;
  if (leader === undefined) throw new Error(`Cannot run ${program} as it does not start`);

  const ended = { status: 0, late: false, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (ended.output += text));
  }
  const limit = setTimeout(() => {
    ended.late = true;
    for (const { command } of groupMembers(leader)) console.error(`Still running: ${command}`);
    kill(-leader);
  }, limitMs);
  const endWatch = childLimitMs === undefined ? undefined : killSlowChildren(leader, childLimitMs);
  // The group is not the terminal's foreground group: end it at Ctrl-C, then end as a process ended by the signal does.
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    kill(-leader);
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', pass).once('SIGTERM', pass);
  ended.status = await new Promise((resolve) => {
    child.once('exit', (code) => {
      kill(-leader);
      child.once('close', () => resolve(code ?? 137));
      // A process that left the group may still hold the pipes: do not wait for it.
      setTimeout(() => void (child.stdout?.destroy(), child.stderr?.destroy()), 1_000).unref();
    });
  });
  clearTimeout(limit);
  endWatch?.();
  process.off('SIGINT', pass).off('SIGTERM', pass);
  return ended;
}
