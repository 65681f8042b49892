// @ts-check
// Removes compiled files whose source is gone, so that a deleted test is not run and a deleted module not published.
// tsc never removes what it no longer writes; everything that still has its source stays, for other builds in progress.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { root: { type: 'string' } } });
const root = values.root ?? new URL('..', import.meta.url).pathname;

/**
 * Where the outputs of tsc are for each source folder. The code in dist is bundle.mjs's, which removes what it no
 * longer writes.
 */
const outputs = [
  { out: 'dist', source: 'src', pattern: /^(.*)\.d\.ts(?:\.map)?$/ },
  { out: 'build/test', source: 'test', pattern: /^(.*)\.js(?:\.map)?$/ },
  { out: 'build/examples', source: 'examples', pattern: /^(.*)\.js(?:\.map)?$/ },
];

for (const { out, source, pattern } of outputs) {
  if (!existsSync(join(root, out))) continue;
  for (const path of readdirSync(join(root, out), { recursive: true, encoding: 'utf8' })) {
    const compiled = pattern.exec(path);
    if (compiled === null || existsSync(join(root, source, `${compiled[1]}.ts`))) continue;
    rmSync(join(root, out, path), { force: true });
    console.log(`Removed ${out}/${path}: its source is gone`);
  }
}
