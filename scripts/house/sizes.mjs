// @ts-check
import { isCode, readProjectFile } from '../source/files.mjs';

const wanted = 200;
/** The longest file. Where an event passes, a room is seen at a glance. @param {string} file */
const hardLimit = (file) => (/^src\/(?:net|reactor)\//.test(file) ? 250 : 400);

/** No file is too long, comments and blank lines included. @type {import('./violation.mjs').Check} */
export function checkSizes(root, files) {
  return lengths(root, files)
    .filter(({ file, lines }) => lines > hardLimit(file))
    .map(({ file, lines }) => ({
      file,
      line: hardLimit(file) + 1,
      message: `Has ${lines} lines, ${hardLimit(file)} at the most: split it`,
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
    .filter(({ file, lines }) => lines > wanted && lines <= hardLimit(file))
    .map(({ file, lines }) => `${file} has ${lines} lines (${wanted} wanted)`);
}

/** @param {string} root @param {readonly string[]} files */
function lengths(root, files) {
  return files.filter(isCode).map((file) => ({ file, lines: readProjectFile(root, file).split('\n').length - 1 }));
}
