// How every constructor and function of the package reads its options.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { aBoolean, aCount, anAbortSignal, anInteger, oneOf, required } from '#epoll/sys/optionKind.js';
import { optionsReader } from '#epoll/sys/optionsReader.js';

interface Options {
  readonly port?: number;
  readonly exclusive?: boolean;
  readonly type?: 'stream' | 'seqpacket';
  readonly signal?: AbortSignal;
}

const read = optionsReader<Options>('listen', '{ port: 8080 }', {
  port: anInteger(0, 65_535),
  exclusive: aBoolean,
  type: oneOf('stream', 'seqpacket'),
  signal: anAbortSignal,
});

test('no options are none', () => {
  assert.deepEqual(read(undefined), {});
  assert.deepEqual(read({}), {});
});

test('what was given is a plain copy, without the members that are undefined', () => {
  const given = { port: 1, exclusive: undefined };
  const options = read(given);
  assert.deepEqual(Object.entries(options), [['port', 1]]);
  given.port = 2;
  assert.equal(options.port, 1);
});

test('each member is read once, so that what was checked is what is used', () => {
  let reads = 0;
  const options = read({
    get port() {
      return ++reads;
    },
  });
  assert.deepEqual([options.port, options.port, reads], [1, 1, 1]);
});

test('what a getter throws is thrown', () => {
  const thrown = new Error('no port today');
  const given = {
    get port(): number {
      throw thrown;
    },
  };
  assert.throws(() => read(given), thrown);
});

test('a member may be an accessor of a class, a field, or inherited', () => {
  class Settings {
    readonly type = 'stream';
    get port(): number {
      return 3;
    }
  }
  assert.deepEqual(read(new Settings()), { port: 3, type: 'stream' });
  assert.deepEqual(read(Object.create({ port: 4 })), { port: 4 });
});

test('a plain object of another realm, and one without a prototype, are options', () => {
  assert.deepEqual(read(runInNewContext('({})')), {});
  assert.deepEqual(read(runInNewContext('({ port: 5 })')), { port: 5 });
  assert.deepEqual(read(Object.assign(Object.create(null), { port: 6 })), { port: 6 });
});

for (const [given, shown] of [
  [8085, '8085'],
  [null, 'null'],
  ['127.0.0.1', '"127.0.0.1"'],
  [[], 'an array'],
  [() => 1, 'a function'],
  [new AbortController().signal, 'an object'],
  [Promise.resolve({ port: 1 }), 'an object'],
  [new Map([['port', 1]]), 'an object'],
] as const) {
  test(`${shown} in place of options is told what to write (${Object.prototype.toString.call(given)})`, () => {
    assert.throws(() => read(given), {
      name: 'TypeError',
      message: `Cannot listen as 'options' must be an object such as { port: 8080 }: current value is ${shown}`,
    });
  });
}

for (const [given, end] of [
  [{ prot: 1 }, "'prot' is unknown: did you mean 'port'?"],
  [{ Exclusive: true }, "'Exclusive' is unknown: did you mean 'exclusive'?"],
  [{ host: 'localhost' }, "'host' is unknown: the members of 'options' are port, exclusive, type, signal"],
  [{ toString: 1 }, "'toString' is unknown: the members of 'options' are port, exclusive, type, signal"],
  [
    { ['x'.repeat(1e6)]: 1 },
    `'${'x'.repeat(40)}' is unknown: the members of 'options' are port, exclusive, type, signal`,
  ],
] as const) {
  test(`an unknown member is refused, and the nearest named: ${end.slice(0, 60)}`, () => {
    assert.throws(() => read(given), { name: 'TypeError', message: `Cannot listen as ${end}` });
  });
}

for (const [given, name, rule] of [
  [{ port: '80' }, 'TypeError', `'port' must be an integer from 0 to 65535: current value is "80"`],
  [{ port: 65_536 }, 'RangeError', "'port' must be an integer from 0 to 65535: current value is 65536"],
  [{ port: 0.5 }, 'RangeError', "'port' must be an integer from 0 to 65535: current value is 0.5"],
  [{ exclusive: 1 }, 'TypeError', "'exclusive' must be a boolean: current value is 1"],
  [{ exclusive: null }, 'TypeError', "'exclusive' must be a boolean: current value is null"],
  [{ type: 'dgram' }, 'TypeError', `'type' must be one of 'stream', 'seqpacket': current value is "dgram"`],
  [{ signal: {} }, 'TypeError', "'signal' must be an AbortSignal: current value is an object"],
] as const) {
  test(`a member of another kind is refused: ${rule}`, () => {
    assert.throws(() => read(given), { name, message: `Cannot listen as ${rule}` });
  });
}

test('a member that is required is missed, whatever else is given', () => {
  const connect = optionsReader<{ readonly port: number; readonly exclusive?: boolean }>('connect', '{ port: 8080 }', {
    port: required(anInteger(1, 65_535)),
    exclusive: aBoolean,
  });
  assert.deepEqual(connect({ port: 7 }), { port: 7 });
  for (const given of [{}, { exclusive: true }, { port: undefined }]) {
    assert.throws(() => connect(given), { message: /'port' must be an integer .* current value is undefined$/ });
  }
  assert.throws(() => connect(undefined), { message: /'options' must be an object such as { port: 8080 }: / });
});

test('a count is a bigint or a safe integer', () => {
  const count = aCount(1n, 2n ** 63n);
  assert.equal(count(5, 'value', 'write'), 5n);
  assert.equal(count(2n ** 63n, 'value', 'write'), 2n ** 63n);
  for (const wrong of [0, 0n, -1n, 1.5, NaN, Infinity, 2 ** 53, 2n ** 63n + 1n]) {
    assert.throws(() => count(wrong, 'value', 'write'), { name: 'RangeError' }, String(wrong));
  }
  for (const wrong of ['5', null, true, undefined]) {
    assert.throws(() => count(wrong, 'value', 'write'), { name: 'TypeError' }, String(wrong));
  }
});
