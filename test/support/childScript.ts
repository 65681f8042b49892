import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** How a script ended, and what it printed. */
export interface ScriptEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
  /** From start to end, Node's own start-up included. */
  readonly ms: number;
}

/** How a script is run. */
export interface ScriptOptions {
  /** Options for Node itself. */
  readonly flags?: readonly string[];
  /** A program, with its arguments, that runs Node: `['setpriv', '--reset-env']`. */
  readonly through?: readonly string[];
}

/** So long that only a hang takes longer. */
const hangMs = 60_000;

/**
 * Runs the text of a module in a Node of its own, in the project's root. A script that hangs fails the test.
 */
export function runScript(source: string, { flags = [], through = [] }: ScriptOptions = {}): ScriptEnd {
  // The test runner's variables would make the child report to it.
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const [program, ...args] = [...through, process.execPath, ...flags, '--input-type=module', '--eval', source];
  const start = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: hangMs,
    killSignal: 'SIGKILL',
  });
  const ms = performance.now() - start;
  assert.equal(error, undefined, `the script did not end by itself in ${hangMs} ms; it printed ${stdout}${stderr}`);
  return { status, signal, lines: stdout.split('\n').filter((line) => line !== ''), stderr, ms };
}

/** Runs a script that must print exactly these lines, nothing on stderr, and end with status 0. */
export function expectScript(source: string, lines: readonly string[], options?: ScriptOptions): void {
  const end = runScript(source, options);
  assert.equal(end.stderr, '');
  assert.deepEqual(end.lines, lines);
  assert.deepEqual([end.status, end.signal], [0, null]);
}
