// @ts-check
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runGroup } from '../runner.mjs';

/**
 * @typedef {import('./blocks.mjs').Block & { script: string, sourceFile: string }} Compiled
 *   script: the JavaScript to run; sourceFile: what stack traces call the block
 */

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/**
 * Type-checks all blocks with one run of tsc, as files inside the package, so that they import it by its own name.
 *
 * @param {string} root
 * @param {readonly import('./blocks.mjs').Block[]} blocks
 * @returns {Promise<{ compiled: Compiled[], errors: string }>} errors speak of the files that the blocks come from
 */
export async function compileBlocks(root, blocks) {
  const folder = 'build/examples-doc';
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder), { recursive: true });
  const compiled = blocks.map((block, index) => {
    const name = `${block.file.replace(/\W+/g, '_')}-${index + 1}`;
    // Blank lines in front: the lines of errors and stack traces are those of the file that the block comes from.
    writeFileSync(join(root, folder, `${name}.ts`), '\n'.repeat(block.line - 1) + block.code + '\n');
    return { ...block, script: join(root, folder, 'out', `${name}.js`), sourceFile: `${folder}/${name}.ts` };
  });
  const config = {
    extends: '../../tsconfig.base.json',
    // Every block is a module of its own, and may name what it does not use.
    compilerOptions: {
      rootDir: '.',
      outDir: 'out',
      moduleDetection: 'force',
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    files: compiled.map(({ sourceFile }) => sourceFile.slice(folder.length + 1)),
  };
  writeFileSync(join(root, folder, 'tsconfig.json'), JSON.stringify(config));
  const { status, output } = await runGroup(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: root,
    limitMs: 120_000,
    capture: true,
  });
  return { compiled, errors: status === 0 ? '' : inOrigins(output, compiled) };
}

/**
 * Names the blocks' own files where an output names the extracted ones.
 *
 * @param {string} output
 * @param {readonly Compiled[]} compiled
 */
export function inOrigins(output, compiled) {
  return compiled.reduce((text, { sourceFile, file }) => text.replaceAll(sourceFile, file), output).trimEnd();
}
