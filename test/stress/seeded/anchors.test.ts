import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { patched } from '../../support/patchedPackage.ts';
import { packageRoot } from '../packageRoot.ts';
import { defects } from './defects.ts';

test('each defect of `npm run stress:seeded` still has its place in the sources, once, and its suite is there', () => {
  for (const { suite, ...patch } of defects) {
    const text = readFileSync(path.join(packageRoot(), 'src', patch.file), 'utf8');
    assert.notEqual(patched(text, patch), text);
    assert.ok(existsSync(path.join(packageRoot(), 'build', 'test', suite)), suite);
  }
});
