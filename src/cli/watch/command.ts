import { printText } from '../printText.ts';
import { help } from './help.ts';
import { parseOptions } from './options.ts';
import { Session } from './session.ts';

/**
 * `epoll watch`.
 *
 * @param args what was typed after `watch`
 * @returns the exit status
 * @throws {UsageError} for a wrong command line
 */
export async function watch(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options !== null) return new Session(options).run();
  return printText(help);
}
