import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectCatalogue, runCatalogue, runConformance, strictEntry } from './runConformance.ts';

const passing = strictEntry('good', ['eventfd V init=3', 'read V u64'], { step: 1, ret: 8, value: '3' });

test('the runner exits 0 and closes with the counts when a selection passes', async () => {
  const { status, stdout, last } = await runConformance('--area', 'eventfd,oneshot');
  assert.match(last, /^30 passed, 0 failed, 4 skipped$/, stdout);
  assert.equal(status, 0);
});

test('the runner names the hand-written test of a prose entry, or why there is none', async () => {
  const { status, stdout } = await runConformance('--id', 'f-oneshot,x-watches-limit,k-epoll1');
  assert.match(stdout, /^SKIP f-oneshot: prose, tested by hand in test\/conformance\/prose\/loop\.test\.ts$/m);
  assert.match(stdout, /^SKIP x-watches-limit: prose, not tested: it would lower fs\.epoll\.max_user_watches/m);
  assert.match(stdout, /^2 prose entries: 1 with a hand-written test, 1 without$/m);
  assert.equal(status, 0);
});

test('the runner takes no test of the project for a prose entry of another catalogue that says something else', async () => {
  const own = projectCatalogue().find(({ id }) => id === 'f-oneshot');
  assert.ok(own !== undefined);
  const { stdout } = await runCatalogue([passing, own, { ...own, setup: ['something else'] }]);
  const lines = stdout.split('\n').filter((line) => line.startsWith('SKIP f-oneshot'));
  assert.deepEqual(lines, [
    'SKIP f-oneshot: prose, tested by hand in test/conformance/prose/loop.test.ts',
    'SKIP f-oneshot: prose, and wants a hand-written test',
  ]);
});

test('the runner runs a single entry', async () => {
  const { status, last } = await runConformance('--id', 'k-epoll1');
  assert.equal(last, '1 passed, 0 failed, 0 skipped');
  assert.equal(status, 0);
});

test('the runner skips what --except names', async () => {
  const { status, stdout, last } = await runConformance('--id', 'k-epoll1,l-wait08', '--except', 'l-wait08');
  assert.match(stdout, /^SKIP l-wait08: named by --except$/m);
  assert.equal(last, '1 passed, 0 failed, 1 skipped');
  assert.equal(status, 0);
});

test('the runner runs the body of a scenario in a worker thread', async () => {
  const { status, last } = await runConformance('--in-worker', '--id', 'k-epoll1,l-wait08,l-efd05,x-wake-all');
  assert.equal(last, '4 passed, 0 failed, 0 skipped');
  assert.equal(status, 0);
});

test('the runner exits 1 and says so when nothing was selected', async () => {
  const { status, stderr, last } = await runConformance('--id', 'no-such-entry');
  assert.match(stderr, /^Nothing was selected: no entry of .*scenarios\.json is called no-such-entry$/m);
  assert.equal(last, '0 passed, 0 failed, 0 skipped');
  assert.equal(status, 1);
});

test('the runner exits 1 when it could run no entry', async () => {
  const { status, last } = await runCatalogue([{ ...passing, mode: 'prose' }]);
  assert.equal(last, '0 passed, 0 failed, 1 skipped');
  assert.equal(status, 1);
});

test('the runner skips an entry with a step it does not know, and names the step', async () => {
  const unknown = strictEntry('strange', ['eventfd V init=0', 'T1: teleport V home'], { step: 0, ret: 'fd' });
  const { status, stdout, last } = await runCatalogue([unknown, passing]);
  assert.match(stdout, /^SKIP strange: step `teleport V home` is not supported yet$/m);
  assert.equal(last, '1 passed, 0 failed, 1 skipped');
  assert.equal(status, 0);
  assert.equal((await runCatalogue([unknown])).status, 1);
});

test('the runner skips an entry that opens a kind of file it does not know', async () => {
  const { stdout } = await runCatalogue([strictEntry('strange', ['open X perf'], { step: 0, ret: 0 }), passing]);
  assert.match(stdout, /^SKIP strange: step `open X perf` is not supported yet$/m);
});

test('the runner skips an entry that expects nothing', async () => {
  const { stdout, last } = await runCatalogue([strictEntry('mute', ['eventfd V init=0']), passing]);
  assert.match(stdout, /^SKIP mute: it expects nothing$/m);
  assert.equal(last, '1 passed, 0 failed, 1 skipped');
});

test('the runner fails an entry whose step cannot be carried out', async () => {
  const { status, stdout } = await runCatalogue([strictEntry('lost', ['close V'], { step: 0, ret: 0 })]);
  assert.match(stdout, /^FAIL lost step 0 `close V`: could not be carried out: no step made the fd V$/m);
  assert.equal(status, 1);
});

test('the runner fails an entry with an expectation it does not know', async () => {
  const { status, stdout } = await runCatalogue([
    strictEntry('odd', ['eventfd V'], { step: 0, ret: 'fd', colour: 'red' }),
  ]);
  assert.match(stdout, /^FAIL odd: Cannot use expectation 0 as 'colour' is not a known expectation$/m);
  assert.equal(status, 1);
});

test('the runner exits 2 for a file that it cannot use, and says what is wrong in which entry', async (t) => {
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['no JSON', '[{', /as it must be JSON/],
    ['no array', {}, /as it must be an array of entries/],
    ['no object', [passing, 7], /entry 1 of .* as it must be an object/],
    ['no id', [{ ...passing, id: undefined }], /entry 0 of .* as 'id' must be a string: current value is missing/],
    ['no area', [{ ...passing, area: 3 }], /entry 0 \(good\) of .* as 'area' must be a string: current value is 3/],
    [
      'unknown mode',
      [{ ...passing, mode: 'loose' }],
      /entry 0 \(good\) .* 'mode' must be "strict" or "prose": current value is "loose"/,
    ],
    [
      'steps of another type',
      [{ ...passing, setup: ['eventfd V', 4] }],
      /entry 0 \(good\) .* 'setup' must be an array of steps/,
    ],
    ['no expectations', [{ ...passing, expect: null }], /entry 0 \(good\) .* 'expect' must be an array of objects/],
  ];
  for (const [name, content, message] of cases) {
    await t.test(name, async () => {
      const { status, stdout, stderr } = await runCatalogue(content);
      assert.match(stderr, message);
      assert.equal(stdout, '');
      assert.equal(status, 2);
    });
  }
});

test('the runner exits 2 for wrong usage', async (t) => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown option', ['--frobnicate'], /Unknown option '--frobnicate'/],
    ['a word', ['eventfd'], /eventfd/],
    ['a missing value', ['--area'], /--area/],
    [
      'an empty area',
      ['--area', 'et,,lt'],
      /Cannot use '--area' as it must be a list of names: current value is 'et,,lt'/,
    ],
    [
      'a file that is not there',
      ['--file', 'no-such-file.json'],
      /Cannot read the catalogue .*no-such-file\.json: ENOENT/,
    ],
  ];
  for (const [name, args, message] of cases) {
    await t.test(name, async () => {
      const { status, stderr } = await runConformance(...args);
      assert.match(stderr, message);
      assert.equal(status, 2);
    });
  }
});
