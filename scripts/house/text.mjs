// @ts-check
import { isCode, readProjectFile } from '../source/files.mjs';
import { blank } from '../source/segments.mjs';
import { violationAt } from './violation.mjs';

// In pieces, so that this file does not break the rules it states.
const open = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|');

/** Lock files are judged by checkPackages, and base64 digests match anything. @param {string} file */
const isProse = (file) => !file.endsWith('package-lock.json');
/** @param {string} file */
const isTest = (file) => file.startsWith('test/') && isCode(file);

/** @type {readonly { pattern: RegExp, of: (file: string) => boolean, codeOnly?: true, message: string }[]} */
const rules = [
  {
    pattern: new RegExp(`\\b(?:${open})\\b(?!.*#\\d+)`, 'g'),
    of: isProse,
    message: 'Open work needs an issue number on its line: #12',
  },
  {
    pattern: new RegExp('(?<![\\w.])/(?:work|home/\\w+|Users/\\w+)' + '/', 'g'),
    of: isProse,
    message: 'Names a path of one machine',
  },
  { pattern: new RegExp('\\.\\./' + 'shared\\b', 'g'), of: isProse, message: 'Names a folder outside the project' },
  {
    pattern: new RegExp('\\bregistry' + '\\.[a-z0-9-]+\\.|\\bnpmjs' + '\\.org\\b', 'g'),
    of: isProse,
    message: 'Names a registry host',
  },
  {
    pattern: /\.only\s*\(|\bonly:\s*true\b/g,
    of: isTest,
    codeOnly: true,
    message: 'Runs one test only and hides the others',
  },
];

/** What no text of the project may hold. @type {import('./violation.mjs').Check} */
export function checkText(root, files) {
  return files.flatMap((file) => {
    const active = rules.filter((rule) => rule.of(file));
    if (active.length === 0 || /\.(?:png|jpg|gif|gz)$/.test(file)) return [];
    const text = readProjectFile(root, file);
    return active.flatMap(({ pattern, codeOnly, message }) =>
      [...(codeOnly ? blank(text) : text).matchAll(pattern)].map((match) =>
        violationAt(file, text, match.index, `${message} ('${match[0]}')`),
      ),
    );
  });
}
