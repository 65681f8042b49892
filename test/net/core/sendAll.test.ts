import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteSink, Outgoing, sendAll } from '#epoll/net/core/sendAll.js';
import { TurnBudget } from '#epoll/reactor/turnBudget.js';

interface Taker extends ByteSink {
  readonly text: string;
  readonly calls: readonly string[];
}

// Takes `rooms` bytes, one figure a call; null says that there is no room.
function taker(rooms: readonly (number | null)[]): Taker {
  const left = [...rooms];
  const calls: string[] = [];
  let text = '';
  const take = (call: string, bytes: Buffer): number | null => {
    calls.push(`${call} ${bytes.toString()}`);
    const room = left.length === 0 ? bytes.length : (left.shift() as number | null);
    if (room === null) return null;
    const count = Math.min(room, bytes.length);
    text += bytes.subarray(0, count).toString();
    return count;
  };
  return {
    calls,
    get text() {
      return text;
    },
    write: (data) => take('write', Buffer.from(data)),
    writev: (data) => take('writev', Buffer.concat(data)),
  };
}

const buffers = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));
const noWait = { untilRoom: () => Promise.resolve() };

test('sendAll() sends every byte in order, whatever the kernel takes at a time, and tells how far it is', async () => {
  for (const rooms of [[], [1], [3, null, 2, 1, null, 1, 1], [null], [5, 5]]) {
    const sink = taker(rooms);
    const told: number[] = [];
    const outgoing = new Outgoing(buffers('ab', '', 'cdef', 'g', ''));
    await sendAll(outgoing, sink, { ...noWait, budget: new TurnBudget(), progress: (bytes) => told.push(bytes) });
    assert.equal(sink.text, 'abcdefg', String(rooms));
    assert.deepEqual([outgoing.sent, outgoing.length], [7, 7]);
    assert.equal(
      told.reduce((all, bytes) => all + bytes, 0),
      7,
    );
  }
});

// 2 KiB each: small ones are copied together.
const large = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => new Uint8Array(2048).fill(index));

test('sendAll() gives one buffer to write, several to writev, and those one by one to a sink without writev', async () => {
  const calls: string[] = [];
  const write = (data: Uint8Array): number => {
    calls.push(`write ${data.length}`);
    return data.length;
  };
  const writev = (data: readonly Uint8Array[]): number => {
    calls.push(`writev ${data.map(({ length }) => length).join()}`);
    return 2050;
  };
  await sendAll(new Outgoing(large(3)), { write, writev }, { ...noWait, budget: new TurnBudget() });
  await sendAll(new Outgoing(large(2)), { write }, { ...noWait, budget: new TurnBudget() });
  assert.deepEqual(calls, ['writev 2048,2048,2048', 'writev 2046,2048', 'write 2044', 'write 2048', 'write 2048']);
});

test('sendAll() copies small buffers together: to tell C of each would cost more', async () => {
  const sink = taker([2]);
  await sendAll(new Outgoing(buffers('ab', 'cd', 'e')), sink, { ...noWait, budget: new TurnBudget() });
  assert.deepEqual(sink.calls, ['write abcde', 'write cde']);
});

test('sendAll() offers at most 1024 buffers at once', async () => {
  const sizes: number[] = [];
  const writev = (data: readonly Uint8Array[]): number => {
    sizes.push(data.length);
    return data.length * 2048;
  };
  const outgoing = new Outgoing(large(2500));
  await sendAll(outgoing, { write: () => 1, writev }, { ...noWait, budget: new TurnBudget() });
  assert.deepEqual(sizes, [1024, 1024, 452]);
});

test('the cost per buffer does not grow with their number', () => {
  // What was left used to be copied after each call: 20,000 buffers, 1024 a call, were 200,000 looks at one.
  let looked = 0;
  const list = new Proxy(
    Array.from({ length: 20_000 }, () => Buffer.from('x')),
    {
      get(target, key, receiver): unknown {
        if (typeof key === 'string' && key !== 'length') looked++;
        return Reflect.get(target, key, receiver);
      },
    },
  );
  const budget = new TurnBudget();
  const outgoing = new Outgoing(list);
  const sink = { write: ({ length }: Uint8Array) => length, writev: ({ length }: readonly Uint8Array[]) => length };
  while (outgoing.send(sink, budget) === 'spent') budget.renew();
  assert.equal(outgoing.sent, 20_000);
  assert.ok(looked < 20_000 * 6, `${looked} looks at an element`);
});

test('memory that was transferred while the write waited is an error, never a success', async (context) => {
  const transfer = (buffer: Uint8Array<ArrayBuffer>): unknown =>
    structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
  const make = (): Uint8Array<ArrayBuffer>[] => [new Uint8Array([1, 2]), new Uint8Array([3]), new Uint8Array([4])];
  for (const [which, sent] of [
    [0, 1],
    [1, 1],
    [2, 3],
  ] as const) {
    await context.test(`buffer ${which}, when ${sent} bytes were sent`, async () => {
      const data = make();
      const outgoing = new Outgoing(data);
      const untilRoom = (): Promise<void> => Promise.resolve(void transfer(data[which] as Uint8Array<ArrayBuffer>));
      const sending = sendAll(outgoing, taker([sent, null]), { budget: new TurnBudget(), untilRoom });
      await assert.rejects(sending, {
        name: 'TypeError',
        message:
          'Cannot send the rest as its memory must not be transferred before it is sent: ' +
          `${sent} of 4 bytes were sent`,
      });
    });
  }
});

test('sendAll() lets the loop turn when the share is used up, also behind the last byte', async () => {
  const budget = new TurnBudget();
  let rests = 0;
  const restThen = budget.restThen.bind(budget);
  budget.restThen = (goOn) => {
    rests++;
    restThen(goOn);
  };
  await sendAll(new Outgoing([new Uint8Array(1_048_576)]), { write: () => 524_288 }, { ...noWait, budget });
  assert.equal(rests, 1);
  await sendAll(new Outgoing([new Uint8Array(2_097_152)]), { write: () => 524_288 }, { ...noWait, budget });
  assert.equal(rests, 3);
});

test('sendAll() sends nothing when its signal is aborted already', async () => {
  const sink = taker([]);
  const signal = AbortSignal.abort(new Error('given up'));
  const sending = sendAll(new Outgoing(buffers('x')), sink, { ...noWait, budget: new TurnBudget(), signal });
  await assert.rejects(sending, { message: 'given up' });
  assert.deepEqual(sink.calls, []);
});
