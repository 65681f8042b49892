import { spawn } from 'node:child_process';

/**
 * Starts a load client of `peers/c`.
 *
 * @param pin the words before its command, which bind it to a core of its own
 * @returns has it do so many operations
 */
export function loadClient(
  file: string,
  args: readonly (string | number)[],
  pin: string = '',
): (operations: number) => void {
  const command = `exec ${pin}build/bench/c/${file} ${args.join(' ')}`;
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => {});
  return (operations) => void child.stdin.write(`${operations}\n`);
}
