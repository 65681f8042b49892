// @ts-check
// Everything that a change must pass, in one command: `npm run ok`. Stops at the first step that fails.
// `npm run ok -- --without test` leaves out what has run already.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const root = new URL('..', import.meta.url).pathname;

/** Each step is an npm script, so that it can be run alone. Lint comes after the build: it reads the types in dist. */
const all = ['format:check', 'types', 'test:types', 'lint', 'house', 'package', 'docs:examples', 'test', 'conformance'];
const { values } = parseArgs({ options: { without: { type: 'string', multiple: true, default: [] } } });
for (const step of values.without) {
  if (all.includes(step)) continue;
  console.error(`Cannot leave out '${step}' as the steps are: ${all.join(', ')}`);
  process.exit(2);
}
const steps = all.filter((step) => !values.without.includes(step));

const begin = Date.now();
for (const [index, step] of steps.entries()) {
  console.log(`\n── ${index + 1}/${steps.length} ${step}`);
  const { status, error } = spawnSync('npm', ['run', '--silent', step], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined || status !== 0) {
    console.error(
      `\nnot ok: step '${step}' failed (${error?.message ?? `exit ${status}`}); run it alone with: npm run ${step}`,
    );
    process.exit(1);
  }
}
console.log(`\nok: ${steps.length} steps in ${Math.round((Date.now() - begin) / 1000)} s`);
