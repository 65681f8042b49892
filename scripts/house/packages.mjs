// @ts-check
import { posix } from 'node:path';
import { readProjectFile } from '../source/files.mjs';
import { violationAt } from './violation.mjs';

/** @typedef {import('./violation.mjs').Violation} Violation */
/** @typedef {Record<string, string> | undefined} Versions */

const exact = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;
// The public registry, in pieces: checkText refuses its name in any file but a lock file.
const publicHost = ['registry', 'npmjs', 'org'].join('.');

/**
 * One runtime dependency, exact pins, no foreign host, no install script but koffi's.
 *
 * @type {import('./violation.mjs').Check}
 */
export function checkPackages(root, files) {
  return files.flatMap((file) => {
    const name = posix.basename(file);
    if (name === 'package.json') return manifest(file, readProjectFile(root, file));
    if (name === 'package-lock.json') return lock(file, readProjectFile(root, file));
    return [];
  });
}

/** @param {string} file @param {string} text @returns {Violation[]} */
function manifest(file, text) {
  /**
   * @type {{ dependencies?: Versions, devDependencies?: Versions, optionalDependencies?: Versions, peerDependencies?:
   *   Versions }}
   */
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = JSON.parse(text);
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies };
  const violations = Object.entries(all)
    .filter(([, version]) => !exact.test(version))
    .map(([name, version]) =>
      violationAt(file, text, text.indexOf(`"${name}"`), `${name} must be an exact version, not '${version}'`),
    );
  if (file !== 'package.json') return violations;
  const runtime = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).join(', ');
  if (runtime !== 'koffi')
    violations.push({ file, line: 1, message: `The one runtime dependency is koffi, not '${runtime}'` });
  return violations;
}

/** @param {string} file @param {string} text @returns {Violation[]} */
function lock(file, text) {
  /**
   * @type {{ packages?: Record<string, { resolved?: string, hasInstallScript?: boolean, integrity?: string, link?:
   *   boolean }> }}
   */
  const { packages = {} } = JSON.parse(text);
  return Object.entries(packages).flatMap(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const messages = [];
    if (entry.resolved !== undefined && !URL.canParse(entry.resolved))
      messages.push(`${name} comes from '${entry.resolved}'`);
    else if (entry.resolved !== undefined && new URL(entry.resolved).host !== publicHost) {
      messages.push(`${name} comes from the host ${new URL(entry.resolved).host}`);
    }
    // A peer of the benchmarks is installed only when it is asked for, apart from the project.
    const own = !file.startsWith('bench/peers/');
    if (own && entry.hasInstallScript && name !== 'koffi') messages.push(`${name} has an install script`);
    if (path !== '' && !entry.integrity) messages.push(`${name} has no integrity digest`);
    return messages.map((message) => violationAt(file, text, text.indexOf(`"${path}"`), message));
  });
}
