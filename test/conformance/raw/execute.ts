import { cString, pointers, syscall } from './syscall.ts';

/**
 * execve(2) without an environment, by the calling thread: it ends all other threads of the process. Returns on failure
 * only.
 */
export function execute(...command: readonly [string, ...string[]]): number {
  const strings = command.map(cString);
  return syscall('execve', strings[0] ?? null, pointers(strings), pointers([]));
}
