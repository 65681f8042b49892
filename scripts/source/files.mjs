// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const outside = new Set(['.git', 'node_modules', 'dist', 'build']);

/**
 * Every file of the project, as a sorted list of paths relative to its root. A walk, not `git ls-files`: it must work
 * in an unpacked archive, and see files that are not committed yet.
 *
 * @param {string} root
 * @param {string} [folder]
 * @returns {string[]}
 */
export function projectFiles(root, folder = '') {
  const found = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (outside.has(entry.name)) continue;
    if (entry.isDirectory()) found.push(...projectFiles(root, path));
    else if (entry.isFile() && !entry.name.endsWith('.tgz')) found.push(path);
  }
  return found.sort();
}

/**
 * @param {string} root
 * @param {string} path relative to the root
 */
export function readProjectFile(root, path) {
  return readFileSync(join(root, path), 'utf8');
}

/** @param {string} path */
export function isCode(path) {
  return /\.(?:ts|mts|js|mjs)$/.test(path);
}

/**
 * @param {string} text
 * @param {number} index
 * @returns {number} the line that holds this character, from 1
 */
export function lineAt(text, index) {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < index; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
