// @ts-check
import { docText } from '../source/docstring.mjs';
import { lineAt } from '../source/files.mjs';
import { segments } from '../source/segments.mjs';

/**
 * @typedef {object} Block a fenced block of a Markdown file or a docstring
 * @property {string} file where it stands
 * @property {number} line the file's line that holds the block's first line of code, from 1
 * @property {string} language what stands behind the fence
 * @property {string} code
 * @property {'markdown' | 'docstring'} origin
 * @property {string | undefined} notRun the reason of a `<!-- not run: reason -->` before the block
 */

/**
 * @param {string} file
 * @param {string} text a Markdown file
 * @returns {Block[]}
 */
export function markdownBlocks(file, text) {
  return fences(text).map((fence) => ({ file, origin: 'markdown', ...fence }));
}

/**
 * @param {string} file
 * @param {string} text a TypeScript file
 * @returns {Block[]}
 */
export function docstringBlocks(file, text) {
  return segments(text)
    .filter(({ kind, start }) => kind === 'comment' && text.startsWith('/**', start))
    .flatMap(({ start, end }) => {
      const firstLine = lineAt(text, start);
      return fences(docText(text.slice(start, end))).map(
        /** @returns {Block} */ (fence) => ({ file, origin: 'docstring', ...fence, line: fence.line + firstLine - 1 }),
      );
    });
}

/** @param {string} text @returns {Pick<Block, 'line' | 'language' | 'code' | 'notRun'>[]} */
function fences(text) {
  const found = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const open = /^( *)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[i] ?? '');
    if (open === null) continue;
    const [, indent = '', mark = '', language = ''] = open;
    const begin = i + 1;
    do i++;
    while (i < lines.length && (lines[i] ?? '').trim() !== mark);
    const code = lines
      .slice(begin, i)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()));
    found.push({ line: begin + 1, language, code: code.join('\n'), notRun: reasonBefore(lines, begin - 1) });
  }
  return found;
}

/** @param {readonly string[]} lines @param {number} fence the index of the opening fence */
function reasonBefore(lines, fence) {
  let i = fence - 1;
  if ((lines[i] ?? '').trim() === '') i--; // the formatter puts a blank line between the two
  return /^\s*<!--\s*not run:\s*(.*?)\s*-->\s*$/.exec(lines[i] ?? '')?.[1];
}
