import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Expectation } from './catalogue.ts';
import { compare, expectationProblems } from './expectation.ts';
import type { StepResult } from './stepResult.ts';

function matches(expectation: Expectation, result: StepResult): boolean {
  assert.deepEqual(expectationProblems([{ step: 0, ...expectation }], 1), []);
  return compare([{ step: 0, ...expectation }], new Map([[0, result]])).length === 0;
}

/** Checks that an expectation takes the first results and refuses the others. */
function check(expectation: Expectation, taken: readonly StepResult[], refused: readonly StepResult[]): void {
  for (const result of taken) assert.ok(matches(expectation, result), `must take ${JSON.stringify(result)}`);
  for (const result of refused) assert.ok(!matches(expectation, result), `must refuse ${JSON.stringify(result)}`);
}

test('ret is a number, a word, or a list of what is allowed', () => {
  check({ ret: 1 }, [{ ret: 1 }], [{ ret: 2 }, { ret: -1, errno: 'EBADF' }, {}]);
  check({ ret: 'fd' }, [{ ret: 'fd' }], [{ ret: 3 }, { ret: 'wd' }]);
  check({ ret: [2, 3] }, [{ ret: 2 }, { ret: 3 }], [{ ret: 1 }]);
  check({ ret: '>=1' }, [{ ret: 1 }, { ret: 9 }], [{ ret: 0 }, { ret: 'fd' }]);
  check({ ret: '>=0' }, [{ ret: 0 }, { ret: 'fd' }, { ret: 'wd' }, { ret: 'pid' }], [{ ret: -1 }, { ret: 'same' }]);
  check({ ret: true }, [{ ret: true }, { ret: 7 }], [{ ret: false }, { ret: 0 }]);
});

test('a note is for people: it is neither compared nor refused', () => {
  check({ ret: 1, note: 'a signal may be lost' }, [{ ret: 1 }], [{ ret: 2 }]);
});

test('errno is a name or a list of names, and two names of one number are one', () => {
  check({ ret: -1, errno: 'EBADF' }, [{ ret: -1, errno: 'EBADF' }], [{ ret: -1, errno: 'EINVAL' }, { ret: 0 }]);
  check({ errno: ['EPIPE', 'ECONNRESET'] }, [{ errno: 'EPIPE' }], [{ errno: 'EIO' }, {}]);
  check({ errno: 'EWOULDBLOCK' }, [{ errno: 'EAGAIN' }], [{ errno: 'EBADF' }]);
});

test('events are compared exactly, in any order', () => {
  const wanted = {
    events: [
      ['A', 'IN'],
      ['B', 'IN|OUT'],
    ],
  };
  check(
    wanted,
    [
      {
        events: [
          ['A', 1],
          ['B', 5],
        ],
      },
      {
        events: [
          ['B', 5],
          ['A', 1],
        ],
      },
    ],
    [
      { events: [['A', 1]] },
      {
        events: [
          ['A', 1],
          ['B', 1],
        ],
      },
      {
        events: [
          ['A', 1],
          ['B', 5],
          ['C', 1],
        ],
      },
      {},
      {
        events: [
          ['A', 1],
          ['C', 5],
        ],
      },
    ],
  );
});

test('events ordered are compared in their order', () => {
  check(
    {
      events: [
        ['A', 'IN'],
        ['B', 'IN'],
      ],
      ordered: true,
    },
    [
      {
        events: [
          ['A', 1],
          ['B', 1],
        ],
      },
    ],
    [
      {
        events: [
          ['B', 1],
          ['A', 1],
        ],
      },
    ],
  );
});

test('event bits with + are the least, and * is whatever', () => {
  check(
    { events: [['A', 'IN|HUP+']] },
    [{ events: [['A', 0x11]] }, { events: [['A', 0x2015]] }],
    [{ events: [['A', 1]] }],
  );
  check({ events: [['A', 'ET+']] }, [{ events: [['A', 0x80000001]] }], [{ events: [['A', 1]] }]);
  check({ events: [['*', '*']] }, [{ events: [['Z', 8]] }], [{ events: [] }]);
});

test('the same event is not counted twice', () => {
  check(
    {
      events: [
        ['A', 'IN'],
        ['A', 'IN'],
      ],
    },
    [
      {
        events: [
          ['A', 1],
          ['A', 1],
        ],
      },
    ],
    [
      {
        events: [
          ['A', 1],
          ['B', 1],
        ],
      },
    ],
  );
});

test('value is a string, or lies between numbers', () => {
  check(
    { value: '18446744073709551614' },
    [{ value: '18446744073709551614' }],
    [{ value: '18446744073709551615' }, {}],
  );
  check({ value: { min: 9, max: 14 } }, [{ value: '9' }, { value: '14' }], [{ value: '8' }, { value: '15' }, {}]);
  check({ value_in: ['3', '4'] }, [{ value: '4' }], [{ value: '5' }, {}]);
});

test('times lie between limits, and null is no limit', () => {
  check(
    { elapsed_ms: [95, 400] },
    [{ elapsed_ms: 95 }, { elapsed_ms: 400 }],
    [{ elapsed_ms: 94.9 }, { elapsed_ms: 400.1 }, {}],
  );
  check({ elapsed_ms: [95, null] }, [{ elapsed_ms: 1e9 }], [{ elapsed_ms: 94 }]);
  check(
    { value_ms: [0, 50], interval_ms: [50, 50] },
    [{ value_ms: 3, interval_ms: 50 }],
    [{ value_ms: 3, interval_ms: 49 }, {}],
  );
});

test('a time that is too long is told from one that is too short, and both from what is no time', () => {
  const late = (wanted: Omit<Expectation, 'step'>, result: Partial<StepResult>): (boolean | undefined)[] =>
    compare([{ step: 0, ...wanted }], new Map([[0, { ret: 0, ...result }]])).map((mismatch) => mismatch.late);
  assert.deepEqual(late({ elapsed_ms: [25, 85] }, { elapsed_ms: 138 }), [true]);
  assert.deepEqual(late({ elapsed_ms: [25, 85] }, { elapsed_ms: 24 }), [false]);
  assert.deepEqual(late({ elapsed_ms: [25, 85] }, {}), [false]);
  assert.deepEqual(late({ value: { min: 9, max: 14 } }, { value: '15' }), [true]);
  assert.deepEqual(late({ value: { min: 9, max: 14 } }, { value: '8' }), [false]);
  assert.deepEqual(late({ value: '14' }, { value: '15' }), [undefined]);
  assert.deepEqual(late({ elapsed_ms: [25, null], ret: 1 }, { elapsed_ms: 1e9 }), [undefined]);
  assert.deepEqual(late({ elapsed_ms: [25, 85], ret: 1 }, { elapsed_ms: 138 }), [true, undefined]);
  assert.deepEqual(late({ each: { 0: { elapsed_ms: [0, 1] } } }, { rounds: [[{ ret: 0, elapsed_ms: 2 }]] }), [true]);
});

test('inotify records are compared in order, their mask in any order', () => {
  const [create, remove] = [
    ['W', 'CREATE|ISDIR', 'd'],
    ['W', 'DELETE', 'd'],
  ] as const;
  check(
    { inotify: [['W', 'ISDIR|CREATE', 'd'], remove] },
    [{ inotify: [create, remove] }],
    [{ inotify: [remove, create] }, { inotify: [create] }, {}],
  );
  check({ inotify: [create, remove], unordered: true }, [{ inotify: [remove, create] }], [{ inotify: [create] }]);
  check(
    { inotify: [create], inotify_alt: [remove] },
    [{ inotify: [create] }, { inotify: [remove] }],
    [{ inotify: [] }],
  );
});

test('same_cookie wants two equal cookies that are not 0', () => {
  check(
    { same_cookie: [0, 1] },
    [{ cookies: [7, 7] }],
    [{ cookies: [7, 8] }, { cookies: [0, 0] }, { cookies: [7] }, {}],
  );
});

test('what signals and processes tell is compared member by member', () => {
  check({ signals: ['USR1'] }, [{ signals: ['USR1'] }], [{ signals: ['USR1', 'USR1'] }, {}]);
  check(
    { ssi_int: [101], ssi_code: [-1], ssi_pid: ['self'] },
    [{ ssi_int: [101], ssi_code: [-1], ssi_pid: ['self'] }],
    [{ ssi_int: [101] }],
  );
  check({ status: 0 }, [{ status: 0 }], [{ status: 1 }, {}]);
});

test('each is compared with every round, and wants rounds', () => {
  const round = [{ ret: 1 }, { value: '1' }];
  const each = { each: { 0: { ret: 1 }, 1: { value: '1' } } };
  check(
    each,
    [{ rounds: [round, round] }, { rounds: [] }],
    [{ rounds: [round, [{ ret: 1 }, { value: '2' }]] }, { ret: 1 }, { rounds: [[{ ret: 1 }]] }],
  );
});

test('among counts the steps that return ret', () => {
  const expectation = { among: [0, 1, 2], ret: 1, count: 1, others_ret: 0 };
  const results = (...rets: number[]): Map<number, StepResult> => new Map(rets.map((ret, step) => [step, { ret }]));
  assert.deepEqual(compare([expectation], results(0, 1, 0)), []);
  assert.equal(compare([expectation], results(1, 1, 0)).length, 1);
  assert.equal(compare([expectation], results(0, 1, -1)).length, 1);
  assert.equal(compare([expectation], results(0, 1)).length, 1);
  assert.deepEqual(compare([{ ...expectation, count: [0, 2] }], results(1, 0, 1)), []);
  assert.equal(compare([{ ...expectation, count: [0, 2] }], results(1, 0, 0)).length, 1);
});

test('a step without a result, or one that could not be carried out, fails whatever is expected', () => {
  assert.equal(compare([{ step: 0, ret: 0 }], new Map()).length, 1);
  check({}, [{}], [{ error: 'no step made the fd X' }]);
});

test('a mismatch tells the step, what was got and what was wanted', () => {
  const result: StepResult = { ret: -1, errno: 'EBADF', events: [['A', 0x11]] };
  assert.deepEqual(compare([{ step: 4, ret: 1, events: [['A', 'IN']] }], new Map([[4, result]])), [
    { step: 4, text: 'ret: got -1 (EBADF), wanted 1' },
    { step: 4, text: 'events: got [["A","IN|HUP"]], wanted [["A","IN"]]' },
  ]);
});

test('expectationProblems() passes over nothing that it does not know', () => {
  const wrong: readonly Expectation[] = [
    { step: 0, colour: 'red' },
    { step: 0, each: { 0: { colour: 'red' } } },
    { step: 0, each: { first: { ret: 1 } } },
    { step: 2, ret: 0 },
    { step: -1, ret: 0 },
    { ret: 0 },
    { step: 0, among: [0], ret: 0, count: 1 },
    { among: [0, 7], ret: 0, count: 1 },
    { among: [0], ret: 0 },
    { step: 0, ordered: true },
    { step: 0, others_ret: 0 },
    { step: 0, events: [['A', 'FLY']] },
    { step: 0, events: [['A']] },
    { step: 0, events: 'A' },
    { step: 0, elapsed_ms: 5 },
    { step: 0, value: { least: 1 } },
    { step: 0, inotify: ['W'] },
    { step: 0, same_cookie: [1] },
  ];
  for (const expectation of wrong) {
    assert.ok(expectationProblems([expectation], 2).length > 0, JSON.stringify(expectation));
  }
});
