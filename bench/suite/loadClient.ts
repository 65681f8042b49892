import { spawn } from 'node:child_process';

/**
 * Starts the load client of `peers/c`.
 *
 * @param pin the words before its command, which bind it to a core of its own
 * @returns sends so many messages
 */
export function loadClient(port: number, given: readonly string[]): (messages: number) => void {
  const [connections = '', size = '', pin = ''] = given;
  const command = `exec ${pin}build/bench/c/echoClient ${port} ${connections} ${size}`;
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => {});
  return (messages) => void child.stdin.write(`${messages}\n`);
}
