// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The compiled tests that still have their source, sorted, as paths from the root: tsc leaves the output of a deleted
 * file behind.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function testFiles(root) {
  const folder = join(root, 'build/test');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js') && existsSync(join(root, 'test', path.replace(/\.js$/, '.ts'))))
    .map((path) => `build/test/${path}`)
    .sort();
}

/**
 * Those that have one of the parts in their name; all where none is given.
 *
 * @param {readonly string[]} files
 * @param {readonly string[]} parts
 */
export function namedLike(files, parts) {
  return files.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
}
