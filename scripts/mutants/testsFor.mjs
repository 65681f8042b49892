// @ts-check
import { basename, dirname, relative } from 'node:path';

// What tests the scripts, or takes long and looks at little of `src` that others do not look at.
const leftOut = /^build\/test\/(?:house|stress|examples)\//;

/**
 * The test files that may find a change of a source file, the nearest first: those that are named as it is, those of
 * its folder, of its layer, of the layers above it, and the rest.
 *
 * @param {string} file `src/net/tcp/tcpStream.ts`
 * @param {readonly string[]} tests `build/test/net/tcpStream.test.js`
 */
export function testsFor(file, tests) {
  const stem = basename(file, '.ts').toLowerCase();
  const folders = dirname(relative('src', file)).split('/');
  return tests
    .filter((test) => !leftOut.test(test))
    .map((test) => ({ test, distance: distance(test, stem, folders) }))
    .sort((a, b) => a.distance - b.distance || a.test.localeCompare(b.test))
    .map(({ test }) => test);
}

/** @param {string} test @param {string} stem @param {readonly string[]} folders */
function distance(test, stem, folders) {
  const own = basename(test, '.test.js').toLowerCase();
  const path = dirname(relative('build/test', test)).split('/');
  let shared = 0;
  while (shared < folders.length && path[shared] === folders[shared]) shared++;
  const named = own === stem ? 0 : own.startsWith(stem) || stem.startsWith(own) || own.includes(stem) ? 1 : 3;
  return named * 10 + (folders.length - shared);
}
