// @ts-check
// Runs an example: `npm run example echo-server`. Without a name: lists them. Further arguments are the example's.
import { readdirSync } from 'node:fs';

const names = readdirSync(new URL('../examples', import.meta.url))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const name = process.argv[2] ?? '';

if (names.includes(name)) {
  process.argv.splice(2, 1);
  await import(new URL(`../build/examples/${name}.js`, import.meta.url).href);
} else {
  console.error(`Cannot run '${name}' as the examples are: ${names.join(', ')}`);
  process.exitCode = 2;
}
