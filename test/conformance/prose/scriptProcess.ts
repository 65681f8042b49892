import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runScript, type ScriptOptions } from '../../support/childScript.ts';
import { inTime } from '../../support/loopTurns.ts';
import { packageRoot } from '../options.ts';

// The beginning of each script: all of epoll-ts/sys as `sys`, the raw calls as `raw`, and how to start a thread.
const preamble = `
  import * as sys from 'epoll-ts/sys';
  import * as raw from './build/test/conformance/raw/syscall.js';
  import { execute } from './build/test/conformance/raw/execute.js';
  import { spawnShell } from './build/test/conformance/raw/spawn.js';
  import { endOf, messageOf, startThread } from './build/test/support/threadScript.js';
  const say = (text) => sys.write(1, Buffer.from(text + '\\n'));
`;

/** The lines that a module prints which runs in a Node of its own; it must end well and complain of nothing. */
export function printed(source: string, options?: ScriptOptions): readonly string[] {
  const { status, signal, lines, stderr } = runScript(`${preamble}${source}`, options);
  assert.deepEqual([status, signal, stderr], [0, null, '']);
  return lines;
}

/** A module that runs in a Node of its own and talks over its standard streams. Killed at the end of its block. */
export class ScriptProcess implements Disposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(source: string) {
    const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
    const args = ['--input-type=module', '--eval', `${preamble}${source}`];
    this.#child = spawn(process.execPath, args, { cwd: packageRoot(), env });
    this.#child.stderr.pipe(process.stderr);
    this.#child.stdin.on('error', () => {});
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    assert.ok(this.#child.pid !== undefined);
    return this.#child.pid;
  }

  /** The next line that it says. */
  async line(): Promise<string> {
    const { value, done } = await inTime('a line of the script', this.#lines.next());
    assert.ok(done !== true, 'the script ended without a word');
    return value;
  }

  /** Sends it a byte. */
  async poke(): Promise<void> {
    await new Promise((resolve) => {
      this.#child.stdin.write('x', resolve);
    });
  }

  /** Ends its standard input; when this resolves, it can see that. */
  async endInput(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#child.stdin.end(() => resolve());
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The signal that ended it, or its exit code. */
  async end(): Promise<unknown> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    return this.#child.signalCode ?? this.#child.exitCode;
  }

  [Symbol.dispose](): void {
    this.kill();
  }
}
