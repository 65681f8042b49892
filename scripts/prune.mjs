// @ts-check
// Removes compiled files whose source is gone, so that a deleted test is not run and a deleted module not published.
// tsc never removes what it no longer writes; everything that still has its source stays, for other builds in progress.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { root: { type: 'string' } } });
const root = values.root ?? new URL('..', import.meta.url).pathname;

/** Where the outputs of each source folder are. */
const outputs = [
  { out: 'dist', source: 'src' },
  { out: 'build/test', source: 'test' },
  { out: 'build/examples', source: 'examples' },
];

for (const { out, source } of outputs) {
  if (!existsSync(join(root, out))) continue;
  for (const path of readdirSync(join(root, out), { recursive: true, encoding: 'utf8' })) {
    const compiled = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path);
    if (compiled === null || existsSync(join(root, source, `${compiled[1]}.ts`))) continue;
    rmSync(join(root, out, path), { force: true });
    console.log(`Removed ${out}/${path}: its source is gone`);
  }
}
