import assert from 'node:assert/strict';
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The command as npm would link it. */
export const bin: string = fileURLToPath(import.meta.resolve('#epoll/cli/bin.js'));

/** So long that only a hang takes longer. */
const hangMs = 120_000;

/** An object of `--json`. */
export interface JsonEvent {
  readonly time: string;
  readonly source: string;
  readonly fd: number;
  readonly mask: number;
  readonly events: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** How the command ended, and what it wrote. */
export interface WatchEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start it. */
export interface WatchStart {
  /** stdin, stdout, stderr, and what more is passed. /dev/null and two pipes by default. */
  readonly stdio?: StdioOptions;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Options for Node itself. */
  readonly flags?: readonly string[];
  /** A program with arguments that runs Node: `['prlimit', '--nofile=40']`. */
  readonly through?: readonly string[];
}

/** A running `epoll` command. Killed at the end of the block that holds it with `using`. */
export class WatchProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;
  #isOver = false;
  #changed: () => void = () => {};

  constructor(args: readonly string[], { stdio, cwd, env = {}, flags = [], through = [] }: WatchStart = {}) {
    // The test runner's variables would make the child report to it.
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, NO_COLOR: ___, FORCE_COLOR: ____, ...clean } = process.env;
    const [program = '', ...rest] = [...through, process.execPath, ...flags, bin, ...args];
    this.child = spawn(program, rest, {
      stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
      env: { ...clean, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#add(text, ''));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#add('', text));
    void this.#closed.then(() => {
      this.#isOver = true;
      this.#changed();
    });
  }

  #add(stdout: string, stderr: string): void {
    this.stdout += stdout;
    this.stderr += stderr;
    this.#changed();
  }

  get pid(): number {
    assert.ok(this.child.pid !== undefined);
    return this.child.pid;
  }

  /** The complete lines of `--json` so far. */
  get events(): JsonEvent[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as JsonEvent);
  }

  /** Waits until `find` answers something else than undefined; fails when the process hangs or ends before. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    const deadline = performance.now() + hangMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const context = `${what}\nstdout: ${this.stdout.slice(-2000)}\nstderr: ${this.stderr.slice(-2000)}`;
      // Not at its exit, which may be known before the last that it wrote.
      assert.ok(!this.#isOver, `it ended before ${context}`);
      const left = deadline - performance.now();
      assert.ok(left > 0, `it took longer than ${hangMs} ms until ${context}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Waits for text on stderr. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return this.until(String(pattern), () => pattern.exec(this.stderr) ?? undefined);
  }

  /** Waits until the last of `count` sources is being watched. */
  async watching(count = 1): Promise<this> {
    await this.until(`${count} sources`, () =>
      this.stderr.match(/^watching /gm)?.length === count ? true : undefined,
    );
    return this;
  }

  /** Waits for an event of `--json`. */
  async event(what: string, matches: (event: JsonEvent) => boolean): Promise<JsonEvent> {
    return this.until(what, () => this.events.find((event) => matches(event)));
  }

  /** Where a source listens whose port was 0. */
  async port(): Promise<number> {
    const [, port] = await this.says(/ on \S*:(\d+) for /);
    return Number(port);
  }

  /** Waits for its end. */
  async end(): Promise<WatchEnd> {
    const hang = setTimeout(() => this.child.kill('SIGABRT'), hangMs);
    await this.#closed;
    clearTimeout(hang);
    return { code: this.child.exitCode, signal: this.child.signalCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** Sends a signal, and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<WatchEnd> {
    this.child.kill(signal);
    return this.end();
  }

  [Symbol.dispose](): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
  }
}

/** Starts `epoll watch`. */
export function startWatch(args: readonly string[], start?: WatchStart): WatchProcess {
  return new WatchProcess(['watch', ...args], start);
}

/** Runs `epoll watch` to its end. */
export async function runWatch(args: readonly string[], start?: WatchStart): Promise<WatchEnd> {
  using watch = startWatch(args, start);
  return await watch.end();
}
