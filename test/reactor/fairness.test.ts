// A busy reactor is asked again and again in one turn of the host's loop. What else the host has to do comes in
// between.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { reactorRig } from '../support/reactorRig.ts';

/** The most events between two turns of the host's loop while `ready` counters are ready all the time. */
async function mostBetweenTurns(
  t: Parameters<typeof reactorRig>[0],
  ready: number,
  maxevents: number,
): Promise<number> {
  const { reactor, counter } = reactorRig(t, { maxevents });
  let events = 0;
  let most = 0;
  for (let index = 0; index < ready; index++) reactor.register(counter(1n), { readable: true }, () => void events++);
  await new Promise<void>((resolve) => {
    let turns = 0;
    const turn = (): void => {
      most = Math.max(most, events);
      events = 0;
      if (++turns < 300) setImmediate(turn);
      else resolve();
    };
    setImmediate(turn);
  });
  return most;
}

test('one descriptor that is always ready is served up to 16 times in a turn of the loop', async (t) => {
  const most = await mostBetweenTurns(t, 1, 256);
  // An immediate of the host can come before or after ours: twice the share of one turn at the most.
  assert.ok(most > 4 && most <= 32, `${most} events`);
});

test('many are served until maxevents are reached, not 16 times over', async (t) => {
  const most = await mostBetweenTurns(t, 64, 128);
  assert.ok(most >= 128 && most <= 2 * (128 + 64), `${most} events`);
});

test('timers and files of the host are served while a descriptor is ready all the time', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let events = 0;
  reactor.register(counter(1n), { readable: true }, () => void events++);
  const [text] = await Promise.all([readFile('package.json', 'utf8'), after(20)]);
  assert.match(text, /epoll-ts/);
  assert.ok(events > 0);
});

test('what a handler starts runs before the next event, within the same turn of the loop too', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let microtask = false;
  let tick = false;
  let early = 0;
  let events = 0;
  await new Promise<void>((resolve) => {
    reactor.register(counter(1n), { readable: true }, (_, registration) => {
      if (microtask || tick) early++;
      microtask = tick = true;
      queueMicrotask(() => (microtask = false));
      process.nextTick(() => (tick = false));
      if (++events === 1_000) {
        registration.close();
        resolve();
      }
    });
  });
  assert.equal(early, 0);
});

test('a registration that is closed between two batches of a turn gets no more events', async (t) => {
  const { reactor, counter } = reactorRig(t);
  let late = 0;
  let events = 0;
  let closed = false;
  await new Promise<void>((resolve) => {
    reactor.register(counter(1n), { readable: true }, (_, registration) => {
      if (closed) late++;
      if (++events !== 500) return;
      queueMicrotask(() => {
        registration.close();
        closed = true;
        setTimeout(resolve, 5);
      });
    });
  });
  assert.deepEqual([late, events], [0, 500]);
});
