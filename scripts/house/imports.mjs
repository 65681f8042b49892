// @ts-check
import { posix } from 'node:path';
import { isCode, readProjectFile } from '../source/files.mjs';
import { importsOf, literalsOf } from '../source/imports.mjs';
import { findCycle } from './cycle.mjs';
import { layerOf, layers } from './layers.mjs';
import { violationAt } from './violation.mjs';

/** @typedef {import('./violation.mjs').Violation} Violation */

/**
 * Imports go one way, koffi stays behind its door, and no file imports itself through others. Cycles are counted among
 * the imports that exist at run time: a type that points back does no harm to the order of initialisation.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkImports(root, files) {
  const violations = [];
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  for (const file of files.filter((path) => isCode(path) && !path.startsWith('scripts/'))) {
    const text = readProjectFile(root, file);
    violations.push(...koffiOutside(file, text));
    /** @type {string[]} */
    const targets = [];
    for (const { specifier, index, typeOnly } of importsOf(text)) {
      const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;
      if (target !== undefined && !typeOnly) targets.push(target);
      const message = file.startsWith('src/')
        ? refusal(file, specifier, target, files)
        : refusalOutside(file, specifier, target);
      if (message !== undefined) violations.push(violationAt(file, text, index, message));
    }
    if (file.startsWith('src/')) graph.set(file, targets);
  }
  const cycle = findCycle(graph);
  const [first] = cycle;
  if (first !== undefined)
    violations.push({ file: first, line: 1, message: `Imports itself through ${cycle.slice(1).join(' → ')}` });
  return violations;
}

/** @param {string} file @param {string} text @returns {Violation[]} */
function koffiOutside(file, text) {
  // A peer is measured as it is, koffi's own loop hook too.
  if (file.startsWith('src/sys/ffi/') || file.startsWith('bench/peers/')) return [];
  return literalsOf(text)
    .filter(({ specifier }) => /^(?:koffi(?:\/.*)?|@koromix\/.*)$/.test(specifier))
    .map(({ specifier, index }) =>
      violationAt(file, text, index, `Names '${specifier}': only src/sys/ffi may know it`),
    );
}

/**
 * @param {string} file in src
 * @param {string} specifier
 * @param {string | undefined} target the imported file, for a relative import
 * @param {readonly string[]} files
 * @returns {string | undefined}
 */
function refusal(file, specifier, target, files) {
  const layer = layerOf(file);
  if (layer === undefined) return `Belongs to no layer: src has ${[...layers.keys()].join(', ')}`;
  if (target === undefined) {
    if (specifier.startsWith('node:') || specifier === 'koffi') return undefined; // koffi is koffiOutside's
    return `Imports '${specifier}': files of src import relative files and node: modules`;
  }
  if (!files.includes(target)) return `Imports '${specifier}', which is no file of src (imports end in .ts)`;
  const to = layerOf(target);
  if (to === undefined) return `Imports '${specifier}', which is outside the layers of src`;
  if (to === layer || layers.get(layer)?.includes(to)) return undefined;
  return `Layer ${layer} must not import layer ${to} ('${specifier}')`;
}

/**
 * @param {string} file in test, examples, bench
 * @param {string} specifier
 * @param {string | undefined} target
 * @returns {string | undefined}
 */
function refusalOutside(file, specifier, target) {
  if (target !== undefined && /^(?:src|dist)\//.test(target))
    return `Imports '${specifier}': use 'epoll-ts', 'epoll-ts/sys' or '#epoll/…'`;
  if (file.startsWith('examples/') && specifier.startsWith('#'))
    return `Imports '${specifier}': an example shows the public names`;
  return undefined;
}
