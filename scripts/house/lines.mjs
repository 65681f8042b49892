// @ts-check
import { isCode, readProjectFile } from '../source/files.mjs';
import { blank } from '../source/segments.mjs';

const widest = 120;
// What can't be broken: a directive of the linter, an import of an example, a prototype, a table, a regular expression.
const whole = /eslint-disable|^ *(?:\*|\/\/) (?:import |\||.*`[^`]{80,}`)|^ *\/\S.*\/[a-z]*[,;]$/;

/**
 * No line is wider than a screen. In tests what stands in strings does not count: programs, tables of the kernel,
 * titles.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkLines(root, files) {
  return files.filter(isCode).flatMap((file) => {
    const text = readProjectFile(root, file);
    const isTest = file.startsWith('test/');
    const counted = isTest ? blank(text, ['string', 'template', 'regex']).replace(/ {3,}/g, '  ') : text;
    const lines = counted.split('\n');
    return text.split('\n').flatMap((line, index) => {
      const width = (lines[index] ?? '').trimEnd().length;
      if (width <= widest || whole.test(line)) return [];
      return [{ file, line: index + 1, message: `Has ${width} columns, ${widest} at the most: break it` }];
    });
  });
}
