import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { SliceCost } from './serveSlices.ts';

/** A program that does the work of a case, in slices. */
export interface Program {
  /** `ours`, or the peer's name. */
  readonly name: string;
  readonly command: readonly string[];
}

/** A slice that takes longer has hung. */
const sliceLimitMs = 30_000;

/** A running contender. It blocks in a read while it is not its turn, and costs nothing then. */
export class Contender {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor({ name, command }: Program) {
    const [program = '', ...args] = command;
    this.name = name;
    this.#child = spawn(program, args, { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
    this.#child.on('error', (error) => (this.#errors += error.message));
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (text: Buffer) => (this.#errors += text.toString()));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Has it do at least so many operations. @throws {Error} with what it printed when it ends or hangs instead */
  async slice(operations: number): Promise<SliceCost> {
    this.#child.stdin.write(`${operations}\n`);
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), sliceLimitMs);
    const { value, done } = await this.#lines.next();
    clearTimeout(limit);
    if (done === true)
      throw new Error(`${this.name} ended: ${this.#errors.trim().slice(0, 400) || 'it gave no reason'}`);
    return JSON.parse(value) as SliceCost;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin.end();
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), 2_000);
    await once(this.#child, 'exit');
    clearTimeout(limit);
  }
}
