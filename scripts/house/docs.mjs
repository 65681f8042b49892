// @ts-check
import { readProjectFile } from '../source/files.mjs';
import { exportsOf } from '../source/exports.mjs';
import { firstLine } from '../source/docstring.mjs';

/** @typedef {import('../source/exports.mjs').Exported} Exported */

/** `int epoll_ctl(int epfd, …)` in backticks, alone on the first line. */
const prototype = /^`(?:[a-z_]\w*[ *]+)+(\w+)\(.*\);?`/;

/**
 * Every exported name has a docstring, classes and functions an example, sys functions their C prototype.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkDocs(root, files) {
  /** @param {string} file */
  const read = (file) => (files.includes(file) ? readProjectFile(root, file) : undefined);
  const objects = exportsOf('src/index.ts', read);
  const calls = exportsOf('src/sys/index.ts', read);
  const further = ['src/net/index.ts', 'src/inspect/index.ts'].flatMap((file) =>
    files.includes(file) ? exportsOf(file, read) : [],
  );
  /** @type {Map<string, import('./violation.mjs').Violation>} */
  const messages = new Map();
  for (const file of ['src/index.ts', 'src/sys/index.ts']) {
    if (!files.includes(file)) messages.set(file, { file, line: 1, message: 'Is missing: it is what users import' });
  }
  for (const exported of [...objects, ...calls, ...further]) {
    const { file, line } = exported;
    for (const message of [documented(exported), example(exported), cName(exported)]) {
      if (message !== undefined) messages.set(`${file}:${line}:${message}`, { file, line, message });
    }
  }
  return [...messages.values()];
}

/** @param {Exported} exported */
function documented({ name, kind, doc }) {
  if (kind === 'unknown')
    return `${name}: no declaration found (declare it with \`export function\`, \`class\`, \`const\`, …)`;
  return firstLine(doc) === '' ? `${name}: needs a docstring that starts with a sentence` : undefined;
}

/** @param {Exported} exported */
function example({ name, kind, file, doc }) {
  if (!/^src\/(?:fd|reactor|net|inspect)\//.test(file) || (kind !== 'class' && kind !== 'function')) return undefined;
  return /^@example\b[^]*?^```ts$/m.test(doc) ? undefined : `${name}: needs an @example with a \`\`\`ts block`;
}

/** Functions named as C names them: no capital letter. @param {Exported} exported */
function cName({ name, kind, file, doc }) {
  if (kind !== 'function' || !file.startsWith('src/sys/') || /[A-Z]/.test(name)) return undefined;
  if (!prototype.test(firstLine(doc))) return `${name}: the first line must be the C prototype in backticks`;
  return undefined;
}
