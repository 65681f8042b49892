import { readFileSync } from 'node:fs';
import { UnsupportedError } from '../index.ts';
import { escapeText } from './escape.ts';
import { inspect } from './inspect/command.ts';
import { nearest } from '../sys/nearest.ts';
import { printText } from './printText.ts';
import { UsageError } from './usageError.ts';
import { watch } from './watch/command.ts';

interface Command {
  readonly summary: string;
  run(args: readonly string[]): Promise<number>;
}

const commands: ReadonlyMap<string, Command> = new Map([
  ['inspect', { summary: "look into any process's epoll, and say what is wrong", run: inspect }],
  ['watch', { summary: 'wait on anything that can be waited for, and print a line per readiness event', run: watch }],
]);

const help = `Usage: epoll COMMAND [options]

Linux epoll on the command line.

Commands:
${[...commands].map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`).join('\n')}

Options:
  --help      this text; 'epoll COMMAND --help' for a command
  --version   the version
`;

/**
 * The `epoll` command.
 *
 * @param args what was typed after `epoll`
 * @returns the exit status: 0, 1 when nothing could be done, 2 for a wrong command line
 */
export async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  try {
    if (first === '--help' || first === '-h' || first === 'help') return await printText(help);
    if (first === '--version' || first === '-V') return await printText(`${version()}\n`);
    const command = commands.get(first ?? '');
    if (command !== undefined) return await command.run(rest);
    throw new UsageError(first === undefined ? 'A command is missing: epoll watch SOURCE…' : unknown(first));
  } catch (error) {
    const name = commands.has(first ?? '') ? `epoll ${first}` : 'epoll';
    if (error instanceof UnsupportedError) {
      process.stderr.write(`${name}: ${escapeText(error.message)}\n`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${name}: ${escapeText(error.message)} (see ${name} --help)\n`);
    return 2;
  }
}

function unknown(typed: string): string {
  const kind = typed.startsWith('-') ? 'option' : 'command';
  const meant = nearest(typed, [...commands.keys(), '--help', '--version']);
  return `Unknown ${kind} '${typed}': ${meant === null ? 'use epoll watch SOURCE…' : `did you mean epoll ${meant}?`}`;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}
