// @ts-check
// The house checks: `npm run house`. Options: --root DIR (another tree, for the tests), --check NAME (only this one).
import { parseArgs } from 'node:util';
import { projectFiles } from './source/files.mjs';
import { checkAmbient } from './house/ambient.mjs';
import { checkDocs } from './house/docs.mjs';
import { checkErrorText } from './house/errorText.mjs';
import { checkImports } from './house/imports.mjs';
import { checkLines } from './house/lines.mjs';
import { checkNames } from './house/names.mjs';
import { checkPackages } from './house/packages.mjs';
import { checkSizes, longFiles } from './house/sizes.mjs';
import { checkText } from './house/text.mjs';

/** @type {Readonly<Record<string, import('./house/violation.mjs').Check>>} */
const checks = {
  imports: checkImports,
  ambient: checkAmbient,
  sizes: checkSizes,
  lines: checkLines,
  names: checkNames,
  text: checkText,
  'error-text': checkErrorText,
  docs: checkDocs,
  packages: checkPackages,
};

const { values } = parseArgs({ options: { root: { type: 'string' }, check: { type: 'string', multiple: true } } });
const root = values.root ?? new URL('..', import.meta.url).pathname;
const names = values.check ?? Object.keys(checks);
const files = projectFiles(root);

let count = 0;
for (const name of names) {
  const check = checks[name];
  if (check === undefined)
    throw new RangeError(`Cannot run check '${name}' as there are only ${Object.keys(checks).join(', ')}`);
  const violations = check(root, files);
  count += violations.length;
  for (const { file, line, message } of violations) console.log(`${file}:${line}: ${message} [${name}]`);
}
if (names.includes('sizes')) for (const note of longFiles(root, files)) console.log(`note: ${note}`);
console.log(`house: ${names.length} checks over ${files.length} files, ${count} violations`);
process.exitCode = count === 0 ? 0 : 1;
