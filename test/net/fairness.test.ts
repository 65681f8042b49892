// A peer that is as fast as we are must not keep the event loop from turning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TcpStream, UnixStream } from 'epoll-ts/net';
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

test('whatever moves bytes and never waits leaves the event loop its turns', async (t) => {
  const rounds = 200;
  const times = async (operation: () => Promise<unknown>): Promise<void> => {
    for (let round = 0; round < rounds; round++) await operation();
  };
  const small = (): Uint8Array<ArrayBuffer> => new Uint8Array(16);
  const writers: Record<string, (stream: TcpStream) => Promise<unknown>> = {
    write: (stream) => times(() => stream.write(small())),
    'write of text': (stream) => times(() => stream.write('x')),
    writev: (stream) => times(() => stream.writev([small(), small()])),
    'a writer of writable': (stream) => {
      const writer = stream.writable.getWriter();
      return times(() => writer.write(small()));
    },
  };
  for (const [name, write] of Object.entries(writers)) {
    await t.test(name, async (context) => {
      const { client } = await tcpRig(context).pair();
      const turns = await turnsDuring(write(client));
      assert.ok(turns > 5, `${turns} turns`);
    });
  }
  const readers: Record<string, (stream: UnixStream) => Promise<unknown>> = {
    read: (stream) => times(() => stream.read(small())),
    'for await': async (stream) => {
      let round = 0;
      for await (const _ of stream) if (++round === rounds) break;
    },
    'a reader of readable': (stream) => {
      const reader = stream.readable.getReader();
      return times(() => reader.read());
    },
    'a BYOB reader': (stream) => {
      const reader = stream.readable.getReader({ mode: 'byob' });
      return times(() => reader.read(small()));
    },
  };
  for (const [name, read] of Object.entries(readers)) {
    await t.test(name, async (context) => {
      const [from, to] = UnixStream.pair({ type: 'seqpacket' });
      context.after(() => {
        from.close();
        to.close();
      });
      // Messages: what is there is read one by one, and a read never waits.
      for (let round = 0; round < rounds; round++) assert.equal(from.tryWrite(small()), 16);
      const turns = await turnsDuring(read(to));
      assert.ok(turns > 5, `${turns} turns`);
    });
  }
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
