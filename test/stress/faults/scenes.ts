import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { sceneNames } from './sceneNames.ts';

const limitMs = 60_000;

/**
 * Faults that need no tracer: stopped and killed processes, and no descriptor left. Each scene is a process of its own.
 */
export async function runScenes(verdict: (name: string, problem: string) => void): Promise<void> {
  for (const name of sceneNames) verdict(name, name.startsWith('stop') ? await runStopped(name) : runPlain(name));
}

const script = path.join(import.meta.dirname, 'scene.js');

function runPlain(name: string): string {
  // The shell's own limit: prlimit(1) may be missing. Fewer are too few for Node's loader, which opens all modules at
  // once.
  const limited = ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, '--no-warnings', script, name];
  const args = name.startsWith('exhausted') ? ['sh', ...limited] : [process.execPath, '--no-warnings', script, name];
  const [program = '', ...rest] = args;
  const { status, signal, stderr } = spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  return status === 0 ? '' : `ended with ${status ?? signal}: ${stderr.slice(0, 2000)}`;
}

/** The program prints a line when it waits, is stopped and continued many times, and must end by itself. */
async function runStopped(name: string): Promise<string> {
  const program = spawn(process.execPath, ['--no-warnings', script, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const limit = setTimeout(() => program.kill('SIGKILL'), limitMs);
  let toggle: NodeJS.Timeout | undefined;
  program.stdout.once('data', () => {
    let stopped = false;
    toggle = setInterval(() => {
      stopped = !stopped;
      program.kill(stopped ? 'SIGSTOP' : 'SIGCONT');
    }, 10);
  });
  return new Promise((resolve) => {
    program.once('close', (code, signal) => {
      clearTimeout(limit);
      clearInterval(toggle);
      resolve(code === 0 ? '' : `ended with ${code ?? signal}: ${errors.slice(0, 2000)}`);
    });
  });
}
