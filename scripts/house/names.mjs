// @ts-check
import { posix } from 'node:path';

const kinds = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'types', 'constants', 'misc']);

/**
 * A file or folder is named after what it holds, not after a kind of syntax.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkNames(_root, files) {
  return files.flatMap((file) => {
    const parts = file.split('/').map((part) => part.replace(/^\.+/, ''));
    const [base = ''] = posix.basename(file).split('.');
    const kind = [...parts.slice(0, -1), base].find((name) => kinds.has(name.toLowerCase()));
    return kind === undefined ? [] : [{ file, line: 1, message: `Is named '${kind}': name it after what it exports` }];
  });
}
