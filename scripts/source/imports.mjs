// @ts-check
import { blank, segments } from './segments.mjs';

/**
 * @typedef {object} Import
 * @property {string} specifier
 * @property {number} index where the specifier's string starts
 * @property {boolean} typeOnly `import type`: gone at run time
 */

const before =
  /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\brequire\.resolve\s*\(|\bimport\.meta\.resolve\s*\()\s*$/;

/**
 * Every module that a file names: static and dynamic imports, re-exports, require calls. Comments do not count.
 *
 * @param {string} text
 * @returns {Import[]}
 */
export function importsOf(text) {
  const code = blank(text);
  return literalsOf(text)
    .filter(({ index }) => before.test(code.slice(Math.max(0, index - 80), index)))
    .map(({ specifier, index }) => {
      const statement =
        code
          .slice(0, index)
          .split(/\b(?=(?:import|export)\b)/)
          .at(-1) ?? '';
      return { specifier, index, typeOnly: /^\w+\s+type\s*(?:[{*]|(?!from\b)\w)/.test(statement) };
    });
}

/**
 * Every string literal of a file.
 *
 * @param {string} text
 * @returns {{ specifier: string, index: number }[]}
 */
export function literalsOf(text) {
  return segments(text)
    .filter(
      ({ kind, start, end }) =>
        kind === 'string' || (kind === 'template' && text[start] === '`' && text[end - 1] === '`'),
    )
    .map(({ start, end }) => ({ specifier: text.slice(start + 1, end - 1), index: start }));
}
