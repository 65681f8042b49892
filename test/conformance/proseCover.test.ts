import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packageRoot } from './options.ts';
import { readProseCovers } from './proseCover.ts';
import { projectCatalogue } from './runConformance.ts';

const prose = projectCatalogue()
  .filter(({ mode }) => mode === 'prose')
  .map(({ id }) => id);
const covers = readProseCovers();
const folder = 'test/conformance/prose';

/** The ids that the titles of a test file begin with. */
function titles(file: string): string[] {
  const source = readFileSync(path.join(packageRoot(), file), 'utf8');
  return [...source.matchAll(/\btest\(\s*['`]([a-z\d]+(?:-[a-z\d]+)+): /g)].map(([, id = '']) => id);
}

test('every prose entry of the catalogue has a hand-written test or a reason, and nothing else has', () => {
  assert.deepEqual([...covers.keys()].sort(), [...prose].sort());
});

test('the file that is named for a prose entry holds a test of that id', async (t) => {
  for (const [id, cover] of covers) {
    if (!('test' in cover)) continue;
    await t.test(id, () => assert.ok(titles(cover.test).includes(id), `${cover.test} has no test('${id}: …')`));
  }
});

test('every hand-written test is of a prose entry, which names its file', () => {
  const files = readdirSync(path.join(packageRoot(), folder)).filter((file) => file.endsWith('.test.ts'));
  for (const file of files.map((name) => `${folder}/${name}`)) {
    for (const id of titles(file)) assert.deepEqual(covers.get(id), { test: file }, id);
  }
});

test('a reason says more than that there is none', () => {
  for (const [id, cover] of covers) if ('reason' in cover) assert.ok(cover.reason.length > 40, id);
});
