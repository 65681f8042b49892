import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** What a program of this machine prints; undefined where it is not installed. @throws where it fails */
export async function toolRun(program: string, ...args: string[]): Promise<string | undefined> {
  if (spawnSync('which', [program]).status !== 0) return undefined;
  const { stdout } = await promisify(execFile)(program, args, { encoding: 'utf8' });
  return stdout;
}
