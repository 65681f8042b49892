import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { TurnSteps } from '#epoll/net/adapt/turnSteps.js';
import { runNode } from '../support/runNode.ts';

test('ticks and promises run between two steps', async () => {
  const steps = new TurnSteps();
  const seen: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    steps.add({
      step() {
        seen.push(name);
        process.nextTick(() => seen.push('tick'));
        void Promise.resolve().then(() => seen.push('promise'));
      },
    });
  }
  while (seen.length < 9) await nextTurn();
  assert.deepEqual(
    seen.filter((each) => each.length === 1),
    ['a', 'b', 'c'],
  );
  for (const index of [0, 3, 6]) assert.deepEqual(seen.slice(index + 1, index + 3), ['tick', 'promise']);
});

test('one that always has more is given several steps a turn, and each of the others its own', async () => {
  const steps = new TurnSteps();
  const user = {};
  steps.enter(user);
  let [busy, turns, asked, other] = [0, 0, 0, 0];
  const always = {
    step() {
      busy++;
      if (busy < 2000) steps.add(always);
    },
  };
  steps.add(always);
  while (busy < 2000) {
    turns++;
    if (other === asked) {
      asked++;
      steps.add({ step: () => other++ });
    }
    await nextTurn();
  }
  steps.leave(user);
  assert.ok(turns < 1000, `${turns} turns for 2000 steps`);
  assert.ok(other > turns / 2, `${other} of another in ${turns} turns`);
});

test("what a step's promises ask of an immediate comes before the next turn's steps", async () => {
  const steps = new TurnSteps();
  const user = {};
  steps.enter(user);
  const seen: string[] = [];
  for (let round = 0; round < 20; round++) {
    await new Promise<void>((resolve) => {
      steps.add({
        step() {
          const later = async (): Promise<void> => {
            for (let hop = 0; hop < 5; hop++) await Promise.resolve();
            setImmediate(() => {
              seen.push('immediate');
              steps.add({ step: () => (seen.push('next'), resolve()) });
            });
          };
          void later();
          setImmediate(() => seen.push('first'));
        },
      });
    });
  }
  steps.leave(user);
  assert.deepEqual(seen, Array.from({ length: 20 }, () => ['first', 'immediate', 'next']).flat());
});

test('a step that throws is reported, and those behind it are done', () => {
  const { stdout, stderr, status } = runNode(
    '--input-type=module',
    '--eval',
    `import { TurnSteps } from '#epoll/net/adapt/turnSteps.js';
     const steps = new TurnSteps();
     process.on('uncaughtException', ({ message }) => console.log(message));
     for (const name of ['a', 'b', 'c']) steps.add({ step() { console.log(name); throw new Error('of ' + name); } });`,
  );
  assert.deepEqual([stderr, status], ['', 0]);
  assert.equal(stdout, 'a\nof a\nb\nof b\nc\nof c\n');
});

test('a user alone keeps no process alive, and a step that is due does', () => {
  const { stdout, status } = runNode(
    '--input-type=module',
    '--eval',
    `import { TurnSteps } from '#epoll/net/adapt/turnSteps.js';
     const steps = new TurnSteps();
     steps.enter({});
     setTimeout(() => console.log('never'), 30_000).unref();
     setTimeout(() => steps.add({ step: () => console.log('done') }), 5);`,
  );
  assert.deepEqual([stdout, status], ['done\n', 0]);
});
