// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runGroup } from '../runner.mjs';
import { inOrigins } from './compile.mjs';
import { checksItself } from './rules.mjs';

/** @typedef {import('./compile.mjs').Compiled} Compiled */

const parallel = 2;

/**
 * Runs each block in a process and an empty folder of its own: inside the package, since a worker made with
 * `eval: true` resolves 'epoll-ts' from the working directory.
 *
 * @param {readonly Compiled[]} blocks
 * @param {number} limitMs of each
 * @returns {Promise<string[]>} a line or more per failure
 */
export async function runBlocks(blocks, limitMs) {
  /** @type {string[]} */
  const failures = [];
  const queue = blocks.values();
  const work = async () => {
    for (const block of queue) {
      const failure = await runBlock(block, limitMs);
      if (failure !== undefined) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return failures;
}

/** @param {Compiled} block @param {number} limitMs @returns {Promise<string | undefined>} */
async function runBlock(block, limitMs) {
  const cwd = mkdtempSync(join(dirname(block.script), 'run-'));
  try {
    const { status, late, output } = await runGroup(process.execPath, ['--enable-source-maps', block.script], {
      cwd,
      limitMs,
      capture: true,
    });
    const text = inOrigins(output, [block]).replace(/^/gm, '    ');
    if (late) return `${block.file}:${block.line}: example does not end within ${limitMs / 1000} s\n${text}`;
    if (status !== 0) return `${block.file}:${block.line}: example fails (exit ${status})\n${text}`;
    if (output.trim() === '' && !checksItself(block.code))
      return `${block.file}:${block.line}: example prints nothing and asserts nothing`;
    return undefined;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
