// @ts-check
import { posix } from 'node:path';
import { lineAt } from './files.mjs';
import { docText } from './docstring.mjs';
import { blank, segments } from './segments.mjs';

/**
 * @typedef {object} Exported
 * @property {string} name the name users import
 * @property {string} kind function, class, const, type, interface, … or 'unknown' if the declaration was not found
 * @property {string} file where it is declared
 * @property {number} line
 * @property {string} doc its docstring's text, '' if it has none
 */

const declaration =
  /^export\s+(?!type\s*\*)(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(function|class|const|let|type|interface|enum|namespace)\b\s*\*?\s*([\w$]+)/gm;
const list = /^export\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*(['"])(.*?)\2)?/gm;
const star = /^export\s+(?:type\s+)?\*\s*(?:as\s+([\w$]+)\s*)?from\s*(['"])(.*?)\2/gm;

/**
 * Every name that a module exports, followed through its re-exports to the declaration and its docstring.
 *
 * @param {string} file
 * @param {(file: string) => string | undefined} read the text of a file, undefined if there is none
 * @returns {Exported[]}
 */
export function exportsOf(file, read) {
  const text = read(file);
  if (text === undefined) return [];
  const code = blank(text, ['comment']);
  const found = declarationsOf(file, text, code);
  for (const match of code.matchAll(star)) {
    const [, alias, , from = ''] = match;
    if (alias === undefined) found.push(...exportsOf(target(file, from), read));
    else
      found.push({
        name: alias,
        kind: 'namespace',
        file,
        line: lineAt(text, match.index),
        doc: docBefore(text, match.index),
      });
  }
  for (const match of code.matchAll(list)) {
    const [, names = '', , from] = match;
    const sources =
      from === undefined
        ? [...importedBy(file, code, read), ...declarationsOf(file, text, code, true)]
        : exportsOf(target(file, from), read);
    for (const part of names.split(',').filter((each) => each.trim() !== '')) {
      const [name = '', alias = name] = part
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/);
      const source = sources.find((each) => each.name === name);
      found.push(
        source
          ? { ...source, name: alias }
          : { name: alias, kind: 'unknown', file, line: lineAt(text, match.index), doc: '' },
      );
    }
  }
  return found;
}

/**
 * @param {string} file
 *
 * @param {string} text
 * @param {string} code
 * @param {boolean} [local] declarations without `export` instead
 */
function declarationsOf(file, text, code, local = false) {
  /** @type {Map<string, Exported>} */
  const found = new Map();
  const pattern = local ? new RegExp(declaration.source.replace('^export\\s+', '^'), 'gm') : declaration;
  for (const { 1: kind = '', 2: name = '', index } of code.matchAll(pattern)) {
    // The first of several overloads carries the docstring; a value and a type of one name are one symbol.
    const doc = docBefore(text, index) || (kind === 'const' && /^[A-Z]/.test(name) ? docOfGroup(text, index) : '');
    const known = found.get(name);
    if (known === undefined) found.set(name, { name, kind, file, line: lineAt(text, index), doc });
    else if (known.doc === '') known.doc = doc;
  }
  return [...found.values()];
}

/**
 * @param {string} file
 *
 * @param {string} code
 * @param {(file: string) => string | undefined} read
 * @returns {Exported[]}
 */
function importedBy(file, code, read) {
  const pattern = /^import\s+(?:type\s+)?\{([^}]*)\}\s*from\s*(['"])(\..*?)\2/gm;
  return [...code.matchAll(pattern)].flatMap(([, names = '', , from = '']) => {
    const exported = exportsOf(target(file, from), read);
    return names.split(',').flatMap((part) => {
      const [name = '', alias = name] = part
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/);
      return exported.filter((each) => each.name === name).map((each) => ({ ...each, name: alias }));
    });
  });
}

/** @param {string} file @param {string} specifier */
function target(file, specifier) {
  return posix.join(posix.dirname(file), specifier);
}

/** The docstring that ends right before a place, '' if there is none. @param {string} text @param {number} index */
function docBefore(text, index) {
  const before = text.slice(0, index).trimEnd();
  const comment = segments(text).find(({ kind, end }) => kind === 'comment' && end === before.length);
  const raw = comment === undefined ? '' : text.slice(comment.start, comment.end);
  return raw.startsWith('/**') ? docText(raw).trim() : '';
}

/**
 * The comment over a group of constants, where only constants and blank lines lie between: under "asm-generic/errno.h",
 * EBADF needs no docstring of its own.
 *
 * @param {string} text @param {number} index
 */
function docOfGroup(text, index) {
  const lines = text.slice(0, index).split('\n').slice(0, -1);
  while (/^(?:export const [A-Z][A-Z0-9_]*\b.*;.*)?$/.test(lines.at(-1) ?? 'none')) lines.pop();
  const line = lines.at(-1)?.trim() ?? '';
  return line.startsWith('//') || line.endsWith('*/') ? line.replace(/^\/\/\s*|^\/\*\*?\s*|\s*\*\/$/g, '') : '';
}
