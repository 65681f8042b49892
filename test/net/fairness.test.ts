// A peer that is as fast as we are must not keep the event loop from turning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loopTurns } from '../support/loopTurns.ts';
import { tcpRig } from '../support/tcpRig.ts';

/** How often the event loop turns while a task runs. */
async function turnsDuring(task: Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const ended = (): void => void (running = false);
  task.then(ended, ended);
  for (; running; turns++) await loopTurns(1);
  await task;
  return turns;
}

test('a connection that always has something to read leaves the event loop its turns', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  client.sendBufferSize = 1 << 20;
  client.tryWrite(new Uint8Array(1 << 20));
  const read = (async () => {
    for (let round = 0; round < 1000; round++) await server.read(new Uint8Array(16));
  })();
  const turns = await turnsDuring(read);
  assert.ok(turns > 20, `${turns} turns`);
});

test('a queue full of connections leaves the event loop its turns', async (t) => {
  const { listener, connect } = tcpRig(t);
  const clients = await Promise.all(Array.from({ length: 200 }, connect));
  const accept = (async () => {
    for (const _ of clients) (await listener.accept()).close();
  })();
  const turns = await turnsDuring(accept);
  assert.ok(turns > 4, `${turns} turns`);
});
