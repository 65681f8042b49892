import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers';
import { test } from 'node:test';
import { TurnBudget } from '#epoll/reactor/turnBudget.js';

test('TurnBudget: 32 operations, or 1 MiB, are one turn', () => {
  const operations = new TurnBudget();
  for (let count = 1; count < 32; count++) assert.equal(operations.spend(1), false, `${count} operations`);
  assert.equal(operations.spend(1), true);
  assert.equal(operations.usedUp, true);

  const bytes = new TurnBudget();
  assert.equal(bytes.spend(1_048_575), false);
  assert.equal(bytes.spend(1), true);
});

test('TurnBudget: whoever has waited has a new share', () => {
  const budget = new TurnBudget();
  budget.spend(1_048_576);
  budget.renew();
  assert.equal(budget.usedUp, false);
});

test('TurnBudget: a rest is over in the next turn of the loop, with a new share, and not before', async () => {
  const budget = new TurnBudget();
  budget.spend(1_048_576);
  const order: string[] = [];
  setImmediate(() => order.push('someone else'));
  const rested = budget.rest().then(() => order.push('rested'));
  queueMicrotask(() => order.push('a microtask'));
  await rested;
  assert.deepEqual(order, ['a microtask', 'someone else', 'rested']);
  assert.equal(budget.usedUp, false);
});

test('TurnBudget: a faked setImmediate holds nobody up', async (context) => {
  context.mock.timers.enable({ apis: ['setImmediate', 'setTimeout'] });
  await new TurnBudget().rest();
});
