// @ts-check
import { lineAt } from '../source/files.mjs';

/**
 * @typedef {object} Violation
 * @property {string} file relative to the project's root
 * @property {number} line from 1
 * @property {string} message what is wrong and what to do
 */

/**
 * One house check: it reads the project below a root, and answers what breaks its rule.
 *
 * @typedef {(root: string, files: readonly string[]) => Violation[]} Check
 */

/**
 * @param {string} file
 * @param {string} text the file's text
 * @param {number} index where in the text
 * @param {string} message
 * @returns {Violation}
 */
export function violationAt(file, text, index, message) {
  return { file, line: lineAt(text, index), message };
}
