// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The compiled tests that still have their source, sorted, as paths from the root: tsc leaves the output of a deleted file
 * behind.
 *
 * @param {string} root
 */
export function testFiles(root) {
  const folder = join(root, 'build/test');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js') && existsSync(join(root, 'test', path.replace(/\.js$/, '.ts'))))
    .map((path) => `build/test/${path}`)
    .sort();
}
