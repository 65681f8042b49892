import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Entry, readCatalogue } from './catalogue.ts';
import { packageRoot } from './options.ts';

/** How the runner ended and what it printed. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line: the counts. */
  readonly last: string;
}

const program = fileURLToPath(new URL('./main.js', import.meta.url));

/** Runs the conformance runner as its own program. */
export async function runConformance(...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code));
  });
  return { status, stdout, stderr, last: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

/** Runs the runner on a catalogue of the test's own. */
export async function runCatalogue(content: unknown, ...args: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-catalogue-'));
  try {
    const file = path.join(folder, 'catalogue.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return await runConformance('--file', file, ...args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The project's own catalogue. */
export function projectCatalogue(): Entry[] {
  return readCatalogue(path.join(packageRoot(), 'test', 'conformance', 'scenarios.json'));
}

/** A strict entry for a test. */
export function strictEntry(
  id: string,
  setup: readonly string[],
  ...expect: readonly Record<string, unknown>[]
): Entry {
  return { id, area: 'test', mode: 'strict', setup, expect };
}
