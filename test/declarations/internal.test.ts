// What an editor offers to users: the declarations that the entries reach.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = new URL('../../../dist/', import.meta.url);
const entries = ['index', 'sys/index', 'net/index', 'inspect/index'].map((name) => new URL(`${name}.d.ts`, dist));

/** The declarations that `entry` is made of. */
function reachable(entry: URL, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(entry.href)) return seen;
  const text = readFileSync(entry, 'utf8');
  seen.set(entry.href, text);
  for (const [, specifier = ''] of text.matchAll(/ from '(\.[^']*)\.ts'/g)) {
    reachable(new URL(`${specifier}.d.ts`, entry), seen);
  }
  return seen;
}

for (const entry of entries) {
  const name = fileURLToPath(entry).slice(fileURLToPath(dist).length);
  test(`${name} shows no member that is marked as internal`, () => {
    const files = reachable(entry);
    assert.ok(files.size > 5, [...files.keys()].join('\n'));
    for (const [file, text] of files) assert.doesNotMatch(text, /@internal/, file);
  });

  test(`${name} brings the types of Node that it needs: a program may list no types`, () => {
    assert.match(readFileSync(entry, 'utf8'), /^\/\/\/ <reference types="node" preserve="true" \/>$/m);
  });
}
