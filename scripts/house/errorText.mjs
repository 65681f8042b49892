// @ts-check
import { readProjectFile } from '../source/files.mjs';
import { blank } from '../source/segments.mjs';
import { violationAt } from './violation.mjs';

const thrown = /\bnew (\w*Error)\(\s*(['"`])((?:\\.|(?!\2)[^\\])*)\2\s*[,)]/gs;

/**
 * Messages written into `new …Error('…')` are sentence case without a final period. Messages built elsewhere are the
 * reviewer's.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkErrorText(root, files) {
  return files
    .filter((file) => file.startsWith('src/') && file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readProjectFile(root, file);
      return [...blank(text, ['comment']).matchAll(thrown)].flatMap((match) => {
        const [, name, , message = ''] = match;
        if (/^[^a-z]/.test(message) && !/[.!]$/.test(message)) return [];
        return [violationAt(file, text, match.index, `${name} needs sentence case and no final period: '${message}'`)];
      });
    });
}
