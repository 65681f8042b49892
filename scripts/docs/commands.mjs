// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runGroup } from '../runner.mjs';

/** @typedef {import('./blocks.mjs').Block} Block */
/** @typedef {{ file: string, line: number, subcommand: string, flags: string[] }} Command */

/**
 * The `epoll …` command lines of sh and console blocks.
 *
 * @param {readonly Block[]} blocks
 * @returns {Command[]}
 */
export function commandsOf(blocks) {
  return blocks
    .filter(({ language }) => /^(?:sh|console|bash|shell)\b/.test(language))
    .flatMap((block) =>
      block.code.split('\n').flatMap((text, index) => {
        if (block.language === 'console' && !text.startsWith('$ ')) return []; // what the command prints
        const calls = text.replace(/\s#.*$/, '').matchAll(/(?:^|[$|;&(]\s*|\bnpx\s+)epoll\s+([^|;&>)]*)/g);
        return [...calls].map(([, words = '']) => {
          const [subcommand = '', ...rest] = words.trim().split(/\s+/);
          const flags = rest.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''));
          return { file: block.file, line: block.line + index, subcommand, flags };
        });
      }),
    );
}

/**
 * Every subcommand that the documentation shows has a `--help`, which names every option shown with it.
 *
 * @param {string} root
 * @param {readonly Command[]} commands
 * @returns {Promise<string[]>} a line per fault
 */
export async function commandFaults(root, commands) {
  const bin = join(root, 'dist/cli/bin.js');
  if (!existsSync(bin))
    return commands.map(
      ({ file, line }) => `${file}:${line}: shows the epoll command, and there is no dist/cli/bin.js`,
    );
  const faults = [];
  /** @type {Map<string, import('../runner.mjs').Ended>} */
  const helps = new Map();
  for (const { file, line, subcommand, flags } of commands) {
    if (subcommand.startsWith('-')) continue;
    const help =
      helps.get(subcommand) ??
      (await runGroup(process.execPath, [bin, subcommand, '--help'], {
        cwd: root,
        limitMs: 15_000,
        capture: true,
      }));
    helps.set(subcommand, help);
    if (help.status !== 0) faults.push(`${file}:${line}: 'epoll ${subcommand} --help' fails (exit ${help.status})`);
    for (const flag of flags) {
      // Whole words: --no-rearm must not pass for --no-re.
      if (!new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(help.output))
        faults.push(`${file}:${line}: 'epoll ${subcommand} --help' does not know ${flag}`);
    }
  }
  return faults;
}
