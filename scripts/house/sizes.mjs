// @ts-check
import { isCode, readProjectFile } from '../source/files.mjs';

const hardLimit = 400;
const wanted = 200;

/** No file is longer than 400 lines, comments and blank lines included. @type {import('./violation.mjs').Check} */
export function checkSizes(root, files) {
  return lengths(root, files)
    .filter(({ lines }) => lines > hardLimit)
    .map(({ file, lines }) => ({
      file,
      line: hardLimit + 1,
      message: `Has ${lines} lines, ${hardLimit} at the most: split it`,
    }));
}

/**
 * Files longer than the house wants, but not refused.
 *
 * @param {string} root
 * @param {readonly string[]} files
 * @returns {string[]}
 */
export function longFiles(root, files) {
  return lengths(root, files)
    .filter(({ lines }) => lines > wanted && lines <= hardLimit)
    .map(({ file, lines }) => `${file} has ${lines} lines (${wanted} wanted)`);
}

/** @param {string} root @param {readonly string[]} files */
function lengths(root, files) {
  return files.filter(isCode).map((file) => ({ file, lines: readProjectFile(root, file).split('\n').length - 1 }));
}
