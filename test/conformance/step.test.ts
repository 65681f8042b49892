import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStep, threadNames } from './step.ts';

test('parseStep() reads a verb, its words and its options', () => {
  const { thread, repeat, calls } = parseStep('add E S0 IN|ET data=0x10');
  assert.equal(thread, undefined);
  assert.equal(repeat, undefined);
  assert.deepEqual(calls, [
    {
      text: 'add E S0 IN|ET data=0x10',
      verb: 'add',
      words: ['E', 'S0', 'IN|ET'],
      options: new Map([['data', '0x10']]),
    },
  ]);
});

test('parseStep() reads the thread of a step', () => {
  assert.equal(parseStep('T1: write V u64=1').thread, 'T1');
  assert.equal(parseStep('TW: sleep 1ms').thread, 'TW');
  assert.equal(parseStep('P2: sleep 1ms').thread, 'P2');
  assert.equal(parseStep('close T1').thread, undefined);
});

test('parseStep() reads the inner steps of a repeat', () => {
  const { thread, repeat, calls } = parseStep('T1: repeat 20 { write X 1 byte ; seek0 X }');
  assert.equal(thread, 'T1');
  assert.equal(repeat, 20);
  assert.deepEqual(
    calls.map(({ text }) => text),
    ['write X 1 byte', 'seek0 X'],
  );
});

test('parseStep() keeps all that follows the first = of an option', () => {
  const [call] = parseStep('touch D/f content=a=b').calls;
  assert.equal(call?.options.get('content'), 'a=b');
});

test('parseStep() refuses an empty step', () => {
  assert.throws(() => parseStep('T1:  '), SyntaxError);
  assert.throws(() => parseStep(' '), SyntaxError);
});

test('threadNames() names each thread once, in order of its first step', () => {
  const steps = ['T2: a', 'b', 'T1: c', 'T2: d'].map(parseStep);
  assert.deepEqual(threadNames(steps), ['T2', 'T1']);
});
