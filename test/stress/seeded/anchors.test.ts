import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../packageRoot.ts';
import { defects } from './defects.ts';

test('each defect of `npm run stress:seeded` still has its place in the built package, once, and its suite is there', () => {
  for (const { name, file, anchor, suite } of defects) {
    const text = readFileSync(path.join(packageRoot(), 'dist', file), 'utf8');
    assert.equal(text.split(anchor).length - 1, 1, `${name}: ${anchor}`);
    assert.ok(existsSync(path.join(packageRoot(), 'build', 'test', suite)), suite);
  }
});
