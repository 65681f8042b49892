// @ts-check
// Runs every example of the documentation: `npm run docs:examples`. Each
// ```ts block of a Markdown file and of a docstring in src is compiled and run by itself; `<!-- not run: reason -->` on
// the line before it leaves it at the types. --root DIR is another tree and --limit SECONDS another time per example,
// for the tests of this file.
import { parseArgs } from 'node:util';
import { docstringBlocks, markdownBlocks } from './docs/blocks.mjs';
import { commandFaults, commandsOf } from './docs/commands.mjs';
import { compileBlocks } from './docs/compile.mjs';
import { blockFault, isExample } from './docs/rules.mjs';
import { runBlocks } from './docs/run.mjs';
import { projectFiles, readProjectFile } from './source/files.mjs';

const { values } = parseArgs({ options: { root: { type: 'string' }, limit: { type: 'string', default: '15' } } });
const root = values.root ?? new URL('..', import.meta.url).pathname;
process.exitCode = await main();

async function main() {
  const blocks = projectFiles(root).flatMap((file) => {
    if (file.endsWith('.md')) return markdownBlocks(file, readProjectFile(root, file));
    return /^src\/.*\.ts$/.test(file) ? docstringBlocks(file, readProjectFile(root, file)) : [];
  });
  const faults = blocks.flatMap((block) => {
    const fault = blockFault(block);
    return fault === undefined ? [] : [`${block.file}:${block.line}: example ${fault}`];
  });
  if (faults.length > 0) return report(faults);

  const examples = blocks.filter(isExample);
  if (examples.length === 0)
    return report(['Cannot run the examples as there are none: the tool looks in the wrong place']);
  const { compiled, errors } = await compileBlocks(root, examples);
  if (errors !== '') return report([errors]);
  const runnable = compiled.filter(({ notRun }) => notRun === undefined);
  const commands = commandsOf(blocks);
  const failures = [
    ...(await runBlocks(runnable, Number(values.limit) * 1000)),
    ...(await commandFaults(root, commands)),
  ];
  if (failures.length > 0) return report(failures);

  const typesOnly = compiled.filter(({ notRun }) => notRun !== undefined);
  for (const { file, line, notRun } of typesOnly) console.log(`not run: ${file}:${line}: ${notRun}`);
  console.log(
    `examples: ${compiled.length - typesOnly.length} run, ${typesOnly.length} only type-checked, ` +
      `${commands.length} commands known`,
  );
  return 0;
}

/** @param {readonly string[]} faults */
function report(faults) {
  for (const fault of faults) console.error(fault);
  console.error('examples: failed');
  return 1;
}
