import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sys from 'epoll-ts/sys';
import { type CallCase, callCases, exempt } from '../support/callCases.ts';
import { recordCalls } from '../support/recordedCalls.ts';

const calls = recordCalls();
const functions = new Map(Object.entries(sys).filter(([, value]) => typeof value === 'function')) as Map<
  string,
  (...args: unknown[]) => unknown
>;

test('every function that is exported has its row of hostile arguments', () => {
  const rows = new Set([...callCases.keys(), ...exempt.keys()].map((name) => name.split(':')[0] ?? name));
  assert.deepEqual(
    [...functions.keys()].filter((name) => !rows.has(name)),
    [],
  );
});

for (const [name, row] of callCases) {
  test(`${name} refuses hostile arguments before C`, (t) => {
    const call = functions.get(name.split(':')[0] ?? name);
    assert.ok(call !== undefined, name);
    calls.length = 0;
    Reflect.apply(row.construct ? (...args: unknown[]) => Reflect.construct(call, args) : call, null, row.good);
    assert.equal(calls.length, row.reaches, 'the good arguments come through: only the hostile one is refused');

    calls.length = 0;
    t.diagnostic(`${refuseAll(name, call, row)} hostile calls`);
    assert.deepEqual(calls, [], 'nothing reached C');
  });
}

function refuseAll(name: string, call: (...args: unknown[]) => unknown, row: CallCase): number {
  let count = 0;
  row.hostile.forEach((values, position) => {
    for (const { label, value } of values) {
      const args = row.good.with(position, value);
      const attempt = (): unknown => (row.construct ? Reflect.construct(call, args) : Reflect.apply(call, null, args));
      const expected = refusal(row.good[position], value);
      assert.throws(attempt, expected, `${name}, argument ${position + 1} is ${label}`);
      count += 1;
    }
  });
  return count;
}

/**
 * The house's own RangeError for a number that is out of range, a TypeError for what is no number; either inside of
 * objects and lists.
 */
function refusal(good: unknown, value: unknown): (error: unknown) => boolean {
  const numeric = typeof good === 'number' || typeof good === 'bigint';
  const exact = numeric && typeof value === typeof good ? RangeError : TypeError;
  const free = !numeric || typeof value === 'number' || typeof value === 'bigint';
  return (error) => {
    assert.ok(error instanceof Error);
    if (numeric) assert.match(error.message, /^Cannot (use|call) /);
    return free && exact === TypeError
      ? error instanceof TypeError || error instanceof RangeError
      : error instanceof exact;
  };
}
