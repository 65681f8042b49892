import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { tcpPair } from '../support/tcpPair.ts';
import { runNode } from '../support/runNode.ts';

test('a chunk that is kept keeps at most twice its size', async (t) => {
  for (const size of [5, 5000, 40_000, 65_536]) {
    const { client, server } = await tcpPair(t);
    const duplex = server.toDuplex();
    await client.write(Buffer.alloc(size));
    const [chunk] = (await once(duplex, 'data')) as [Buffer];
    assert.ok(chunk.buffer.byteLength <= 2 * chunk.length, `${chunk.length} bytes in ${chunk.buffer.byteLength}`);
    duplex.destroy();
  }
});

test('a chunk can be transferred, and others stay what they are', async (t) => {
  const [one, other] = await Promise.all([tcpPair(t), tcpPair(t)]);
  const [first, second] = [one.server.toDuplex(), other.server.toDuplex()];
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  for (const size of [6, 9000, 60_000]) {
    await Promise.all([one.client.write(Buffer.alloc(size, 'a')), other.client.write(Buffer.alloc(size, 'b'))]);
    const [mine] = (await once(first, 'data')) as [Buffer<ArrayBuffer>];
    const [theirs] = (await once(second, 'data')) as [Buffer];
    port1.postMessage(mine, [mine.buffer]);
    assert.equal(mine.length, 0);
    assert.ok(theirs.length > 0 && theirs.every((byte) => byte === 0x62));
    const [moved] = (await once(port2, 'message')) as [Uint8Array];
    assert.ok(moved.length > 0 && moved.every((byte) => byte === 0x61));
    // What was not in the first chunk.
    await Promise.all([delay(5), delay(5)]);
    first.read();
    second.read();
  }
  first.destroy();
  second.destroy();
});

test('a Duplex that is open is kept, although nobody refers to it and it waits for nothing', () => {
  const { stdout, stderr } = runNode(
    '--expose-gc',
    '--input-type=module',
    '--eval',
    `import { setTimeout as delay } from 'node:timers/promises';
     import { TcpListener, TcpStream } from 'epoll-ts/net';
     const listener = new TcpListener({ address: '127.0.0.1' });
     const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
     await client.write(Buffer.alloc(200_000));
     // Behind: so it asks the kernel for nothing.
     await (async () => void (await listener.accept()).toDuplex())();
     for (let round = 0; round < 5; round++) { await delay(10); gc(); }
     console.log(client.tryRead(new Uint8Array(1)));
     process.exit();`,
  );
  assert.equal(stderr, '');
  assert.equal(stdout, 'null\n', 'it is open');
});
