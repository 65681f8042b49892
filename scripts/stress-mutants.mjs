// @ts-check
// Makes small changes to the sources, one at a time, each in a copy of the package, and looks which of them the tests
//   find: npm run stress:mutants -- [--count 200] [--seed 1] [--area net/tcp] [--tests N] [--lanes 2] --area: only
//   files of src whose path contains it. --tests: at most so many test files for each change, the nearest first; all of
//   them by default. --only FILE:LINE: the changes of one line. --list: says what would be changed, and runs nothing.
//   --root DIR: another tree, for the tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Lane } from './mutants/lane.mjs';
import { chosen, mutationsOf } from './mutants/mutations.mjs';
import { sameBehaviour } from './mutants/sameBehaviour.mjs';
import { testsFor } from './mutants/testsFor.mjs';
import { projectFiles } from './source/files.mjs';
import { testFiles } from './testFiles.mjs';

/** @typedef {import('./mutants/mutations.mjs').Mutation} Mutation */

const wantedScore = 90;
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    area: { type: 'string', default: '' },
    tests: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
});
const { root } = values;
const tests = testFiles(root);
const sources = projectFiles(root).filter((file) => /^src\/.*\.ts$/.test(file) && file.includes(values.area));
/** @type {ReadonlyMap<string, string>} */
const texts = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
/** Whether a file of tests passes without a change: asked for those that fail with one. @type {Map<string, boolean>} */
const sound = new Map();

process.exitCode = await main();

async function main() {
  const all = [...texts].flatMap(([file, text]) => mutationsOf(file, text));
  const { only } = values;
  const mutations =
    only === undefined
      ? chosen(all, Number(values.count), Number(values.seed))
      : all.filter(({ file, line }) => `${file}:${line}` === only);
  if (mutations.length === 0) {
    console.error(`Cannot change anything as no code is named like '${only ?? values.area}'`);
    return 2;
  }
  if (values.list) {
    for (const mutation of mutations) console.log(described(mutation));
    return 0;
  }
  const counts = { found: 0, survived: 0, same: 0 };
  const queue = mutations.values();
  const lane = async () => {
    const copy = new Lane(root);
    try {
      for (const mutation of queue) {
        const verdict = await judged(copy, mutation);
        counts[verdict.kind]++;
        console.log(`${verdict.kind.padEnd(8)} ${described(mutation)}${verdict.by === '' ? '' : `  (${verdict.by})`}`);
      }
    } finally {
      copy.close();
    }
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  const { found, survived, same } = counts;
  const score = (100 * found) / Math.max(1, found + survived);
  console.log(
    `mutants: of ${mutations.length} changes ${same} change nothing that a program can see; of the others ` +
      `${score.toFixed(1)} % were found`,
  );
  console.log(`${found} passed, ${survived} failed`);
  return score >= wantedScore ? 0 : 1;
}

/**
 * @param {Lane} lane
 *
 * @param {Mutation} mutation
 * @returns {Promise<{ kind: 'found' | 'survived' | 'same', by: string }>}
 */
async function judged(lane, mutation) {
  const line = lineOf(mutation);
  const same = sameBehaviour.find(
    (each) => each.file === mutation.file && each.line === line && each.to === mutation.to,
  );
  if (same !== undefined) return { kind: 'same', by: same.reason };
  const near = testsFor(mutation.file, tests).slice(0, values.tests === undefined ? undefined : Number(values.tests));
  const by = await lane.changed(mutation, () => finder(lane, near));
  if (by === null) return { kind: 'found', by: 'it can not be bundled' };
  return by === '' ? { kind: 'survived', by: '' } : { kind: 'found', by };
}

/**
 * The first test file that fails with the change, twice, and passes without it.
 *
 * @param {Lane} lane
 * @param {readonly string[]} near
 */
async function finder(lane, near) {
  for (const test of near) {
    if (sound.get(test) === false || (await lane.passes(test)) || (await lane.passes(test))) continue;
    if (!sound.has(test)) sound.set(test, await passesAlone(test));
    if (sound.get(test) === true) return test.replace('build/', '').replace(/\.js$/, '.ts');
  }
  return '';
}

/** @param {string} test */
async function passesAlone(test) {
  const lane = new Lane(root);
  try {
    return (await lane.passes(test)) || (await lane.passes(test));
  } finally {
    lane.close();
  }
}

/** @param {Mutation} mutation */
function lineOf({ file, line }) {
  return (texts.get(file)?.split('\n')[line - 1] ?? '').trim();
}

/** @param {Mutation} mutation */
function described(mutation) {
  const { file, line, kind, from, to } = mutation;
  return `${file}:${line} ${kind}: '${from}' → '${to}' in: ${lineOf(mutation)}`;
}
