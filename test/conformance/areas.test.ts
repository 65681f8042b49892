import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectCatalogue, runConformance } from './runConformance.ts';

// The areas that need no processes, timers or watches; `npm run conformance` runs the others, too.
const areas = [
  'ctl-add',
  'ctl-mod',
  'ctl-del',
  'et',
  'lt',
  'oneshot',
  'exclusive',
  'in',
  'out',
  'pri',
  'err',
  'hup',
  'rdhup',
  'nested',
  'wakeup',
  'timeout',
  'errors',
  'eventfd',
];

test('every strict entry of the areas of epoll and eventfd passes', async (t) => {
  const entries = projectCatalogue().filter(({ area }) => areas.includes(area));
  for (const area of areas)
    assert.ok(
      entries.some((entry) => entry.area === area && entry.mode === 'strict'),
      area,
    );
  const strict = entries.filter(({ mode }) => mode === 'strict').length;
  const { status, stdout, last } = await runConformance('--area', areas.join(','));
  // Without root's rights a few entries are skipped; nothing else is a reason.
  const skips = stdout.match(/^SKIP (?!\S+ prose,).*$/gm) ?? [];
  for (const skip of skips) t.diagnostic(skip);
  assert.deepEqual(
    skips.filter((skip) => !/ needs CAP_\w+$/.test(skip)),
    [],
  );
  const skipped = entries.length - strict + skips.length;
  assert.equal(last, `${strict - skips.length} passed, 0 failed, ${skipped} skipped`, stdout);
  assert.equal(status, 0);
});
