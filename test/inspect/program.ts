import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** So long that only a hang takes longer. */
const hangMs = 120_000;

/** How a program is started. */
export interface ProgramStart {
  readonly cwd?: string;
  /** What it prints when it is where the test wants it. Without: it is there when `ready` says so. */
  readonly says?: RegExp;
}

/** A program that runs while it is looked into. Ended at the end of the block that holds it with `using`. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  private constructor(command: readonly string[], cwd: string) {
    // The test runner's variables would make a Node child report to it.
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const [program = '', ...args] = command;
    this.child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /**
   * Starts a program, and waits until it has said what it says when it is ready: a line that begins with `ready` by
   * default.
   */
  static async start(
    command: readonly string[],
    { cwd = root, says = /^ready\b.*\n/m }: ProgramStart = {},
  ): Promise<Program> {
    const program = new Program(command, cwd);
    try {
      await program.until(`${command[0]} says ${says}`, () => says.test(program.stdout) || says.test(program.stderr));
    } catch (error) {
      await program.end();
      throw error;
    }
    return program;
  }

  /** All of several; none where one of them does not start. */
  static async all<const P extends readonly Promise<Program>[]>(
    starting: P,
  ): Promise<{ readonly [At in keyof P]: Program }> {
    try {
      return await Promise.all(starting);
    } catch (error) {
      for (const start of await Promise.allSettled(starting)) if (start.status === 'fulfilled') await start.value.end();
      throw error;
    }
  }

  /** Starts a module's text in a Node of its own; it can import `epoll-ts` and its parts. */
  static async node(source: string, ...flags: readonly string[]): Promise<Program> {
    return Program.start([process.execPath, ...flags, '--input-type=module', '--eval', source]);
  }

  static async python(source: string): Promise<Program> {
    return Program.start(['python3', '-u', '-c', source]);
  }

  get pid(): number {
    assert.ok(this.child.pid !== undefined);
    return this.child.pid;
  }

  /** Waits for something that no event tells of. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + hangMs;
    while (!isSo()) {
      const { exitCode, signalCode } = this.child;
      assert.ok(
        exitCode === null && signalCode === null,
        `it ended (${exitCode ?? signalCode}) before: ${what}\n${this.stderr}`,
      );
      assert.ok(
        performance.now() < deadline,
        `it took longer than ${hangMs} ms until: ${what}\n${this.stdout}${this.stderr}`,
      );
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  }

  /** Sends a line to its stdin, and waits for its answer: all that it prints up to a line `done`. */
  async ask(line: string): Promise<string> {
    const from = this.stdout.length;
    this.child.stdin?.write(`${line}\n`);
    await this.until(`an answer to ${line}`, () => /^done$/m.test(this.stdout.slice(from)));
    return this.stdout
      .slice(from)
      .replace(/^done$[^]*/m, '')
      .trim();
  }

  /** Ends it, with its stdin first so that it can take its children along, and waits until it is gone. */
  async end(): Promise<void> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill('SIGTERM'), 200);
    await gone;
    clearTimeout(timer);
  }

  [Symbol.dispose](): void {
    // SIGTERM: a server takes its workers along, which would keep the pipes open.
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream?.destroy();
  }
}

/** A reason to skip what needs a program that is not there; false where it is. */
export function missingProgram(name: string, ...args: readonly string[]): string | false {
  const { error } = spawnSync(name, args, { stdio: 'ignore' });
  return error === undefined ? false : `${name} is not installed`;
}
