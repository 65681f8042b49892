import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What came of a program under strace. */
export interface Traced {
  /** What the program reported; undefined when it crashed or hung. */
  readonly report: unknown;
  /** How it ended, where it did not report. */
  readonly ending: string;
  /** strace's lines of the calls that it made fail. */
  readonly injected: readonly string[];
}

/** Thrown where nothing can be traced: the reason. */
export class CannotTrace extends Error {}

// So long that only a hang takes longer, on a machine where a start of Node takes seconds.
const limitMs = 120_000;
const mostTries = 10;
const ready = /^ready (\d+)\n/;

/** Why nothing can be traced here; '' where it can. */
export function reasonNotToTrace(): string {
  if (process.arch !== 'x64') return 'the calls are told apart by the names that they have on x86-64';
  const { error, status, stderr } = spawnSync('strace', ['-e', 'inject=dup3:error=EBADF', 'true'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return 'strace is not installed';
  return status === 0 ? '' : `strace does not work: ${stderr.trim()}`;
}

/** Which thread of the program does it, and has its calls fail. */
export type TracedThread = 'main' | 'worker';

/**
 * Runs a program and makes system calls of one of its threads fail.
 *
 * strace's counters (`when=`) count all calls of a thread, and Node makes the same calls as the library. So strace
 * comes late and takes one thread only: the program prepares everything, waits in Atomics.wait, and strace attaches to
 * that thread, without -f. Then the program goes on, and the first call of a kind that this thread makes is the
 * library's: what stands between is JavaScript without I/O. A second thread, which is not traced, opens the gate and
 * prints the report, so that a fault in write(2) can't hit that. In programs that use the event loop only epoll_wait is
 * made to fail, which on x86-64 is the library's alone: libuv calls epoll_pwait.
 */
export async function runTraced(
  thread: TracedThread,
  args: readonly string[],
  injections: readonly string[],
): Promise<Traced> {
  const once = (): Promise<Traced> => runOnce([thread, ...args], injections);
  let traced = await once();
  for (let tries = 1; tries < mostTries && hitNode(traced); tries++) traced = await once();
  const { report, ending, injected } = traced;
  return report === undefined ? { ...traced, ending: `${ending} after ${injected.at(-1) ?? 'no fault'}` } : traced;
}

// libuv aborts the process where it can't write to the eventfd that wakes its loop, and V8 has it do that now and then,
// from the traced thread too (once in some 150 rounds on a busy machine, three times in a row on a busier one).
// Descriptor 3 is what functions of sys get here (callCases).
function hitNode({ report, ending, injected }: Traced): boolean {
  const wakes = /^write\((?!3,)\d+, "\\1(?:\\0){7}", 8\)/;
  return report === undefined && ending.includes('SIGABRT') && wakes.test(injected.at(-1) ?? '');
}

async function runOnce(args: readonly string[], injections: readonly string[]): Promise<Traced> {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-faults-'));
  const gate = path.join(folder, 'gate');
  const log = path.join(folder, 'log');
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  const program = spawn(
    process.execPath,
    ['--no-warnings', path.join(import.meta.dirname, 'child.js'), gate, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    },
  );
  const output = { stdout: '', stderr: '' };
  program.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const limit = setTimeout(() => program.kill('SIGKILL'), limitMs);
  const ended = new Promise<string>((resolve) => {
    program.once('close', (code, signal) => resolve(signal === null ? `ended with ${code}` : `died of ${signal}`));
  });
  try {
    await new Promise<void>((resolve) => {
      program.stdout.setEncoding('utf8').on('data', (text: string) => {
        output.stdout += text;
        if (ready.test(output.stdout)) resolve();
      });
      void ended.then(() => resolve());
    });
    const [, thread = ''] = ready.exec(output.stdout) ?? [];
    const tracer = await attach(thread, log, injections);
    if (typeof tracer === 'string') {
      program.kill('SIGKILL');
      return { report: undefined, ending: `${await ended} ${output.stderr.slice(0, 2000)}; ${tracer}`, injected: [] };
    }
    writeFileSync(gate, '');
    const ending = await ended;
    await tracer.ended;
    const line = output.stdout.split('\n').find((text) => text.startsWith('{'));
    const injected = readFileSync(log, 'utf8')
      .split('\n')
      .filter((text) => text.includes('(INJECTED)'));
    return {
      report: line === undefined ? undefined : JSON.parse(line),
      ending: `${ending} ${output.stderr.slice(0, 2000)}`,
      injected,
    };
  } finally {
    clearTimeout(limit);
    program.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when strace has stopped the thread; with what strace said where it ended, as the program had. */
async function attach(
  thread: string,
  log: string,
  injections: readonly string[],
): Promise<{ readonly ended: Promise<void> } | string> {
  const calls = injections.map((injection) => injection.slice(0, injection.indexOf(':'))).join(',');
  const injects = injections.flatMap((injection) => ['-e', `inject=${injection}`]);
  const tracer = spawn('strace', ['-p', thread, '-o', log, '-e', `trace=${calls}`, ...injects], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const tracerEnded = new Promise<void>((resolve) => {
    tracer.once('close', () => resolve());
    tracer.once('error', () => resolve());
  });
  let said = '';
  const early = await new Promise<string | undefined>((resolve, reject) => {
    tracer.once('error', (error) => reject(new CannotTrace(`strace does not start: ${error.message}`)));
    tracer.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      // Printed after PTRACE_INTERRUPT: from here on the thread can't get into a call that strace does not see.
      if (/Process \d+ attached/.test(said)) resolve(undefined);
      else if (/not permitted|denied/.test(said)) reject(new CannotTrace(`ptrace is forbidden: ${said.trim()}`));
    });
    void tracerEnded.then(() => resolve(`strace ended: ${said.trim()}`));
  });
  // In an object: a promise that is answered by an async function is awaited with it.
  return early ?? { ended: tracerEnded };
}
