import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environment } from './shimEnvironment.ts';

/** Whose sockets are replaced. */
export type Side = 'server' | 'client';

/** How one of Node's tests ended. */
export interface Outcome {
  readonly passed: boolean;
  /** Sockets were replaced: otherwise it says nothing of ours. */
  readonly used: boolean;
  /** What it printed, the end of it, or that it took too long. */
  readonly output: string;
}

const limitMs = 20_000;
const shim = path.join(import.meta.dirname, 'ourSockets.js');

/** Runs one of Node's tests with the sockets of a side replaced by ours, or by the control's. */
export async function runNodeTest(file: string, side: Side, control: boolean): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), 'epoll-ts-node-'));
  const report = path.join(folder, 'used');
  try {
    const { code, output } = await run(file, {
      ...process.env,
      [environment.side]: side,
      [environment.control]: control ? '1' : '0',
      [environment.report]: report,
      // What Node's own runner sets: flags are given below, and each test has a folder and a number of its own.
      NODE_SKIP_FLAG_CHECK: '1',
      NODE_TEST_DIR: folder,
      TEST_THREAD_ID: '0',
    });
    return { passed: code === 0, used: existsSync(report), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(file: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const flags = /^\/\/ Flags: (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.split(' ') ?? [];
  // It is an ES module that is required: the warning of that would be one that some tests count.
  const preload = ['--disable-warning=ExperimentalWarning', '--require', shim];
  const child = spawn(process.execPath, [...preload, ...flags, file], {
    cwd: path.dirname(file),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = `${output}${chunk}`.slice(-4000)));
  return new Promise((resolve, reject) => {
    // The test's own children, too: they are of its process group.
    const timer = setTimeout(() => {
      output += `\nended after ${limitMs} ms`;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, limitMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}
