// @ts-check
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runGroup } from '../runner.mjs';
import { mutated } from './mutations.mjs';

/** @typedef {import('./mutations.mjs').Mutation} Mutation */

const copied = new Set(['package.json', 'src', 'dist', 'build']);
// A change that makes a file of tests hang is found.
const limitMs = 120_000;

/** A copy of the package in which one change after another is made, and tests are run. */
export class Lane {
  #root;

  /** @param {string} project the project's root */
  constructor(project) {
    this.#root = mkdtempSync(join(tmpdir(), 'epoll-ts-mutants-'));
    for (const name of readdirSync(project)) {
      const [from, to] = [join(project, name), join(this.#root, name)];
      if (copied.has(name)) cpSync(from, to, { recursive: true, filter: (source) => !source.endsWith('.map') });
      else if (!name.startsWith('.')) symlinkSync(from, to);
    }
  }

  close() {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /**
   * Runs `run` with the change in place.
   *
   * @template T
   * @param {Mutation} mutation
   * @param {() => Promise<T>} run
   * @returns {Promise<T | null>} null where the changed source can't be bundled
   */
  async changed(mutation, run) {
    const file = join(this.#root, mutation.file);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, mutated(text, mutation));
    try {
      return this.#bundle() ? await run() : null;
    } finally {
      writeFileSync(file, text);
    }
  }

  /** Bundles the sources as they stand. @returns {boolean} */
  #bundle() {
    const args = [fileURLToPath(new URL('../bundle.mjs', import.meta.url)), '--root', this.#root];
    return spawnSync(process.execPath, args, { timeout: limitMs }).status === 0;
  }

  /** Whether a file of tests passes. @param {string} test relative to the root */
  async passes(test) {
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const args = ['--test', '--test-reporter=tap', '--test-timeout=60000', test];
    const { status } = await runGroup(process.execPath, args, { cwd: this.#root, env, limitMs, capture: true });
    return status === 0;
  }
}
