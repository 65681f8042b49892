import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runNode } from '../../support/runNode.ts';

const main = fileURLToPath(new URL('main.js', import.meta.url));

test('hostile calls of everything that is exported give the documented errors, no crash and no open descriptor', (t) => {
  const { status, stdout, stderr } = runNode(main, '--calls', '10000', '--seed', '1', '--per-process', '5000');
  assert.equal(stderr, '');
  assert.equal(status, 0, stdout);
  t.diagnostic(stdout.trim());
});
