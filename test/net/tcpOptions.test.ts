import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TcpStream } from 'epoll-ts/net';
import {
  getsockopt,
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from 'epoll-ts/sys';
import { tcpRig } from '../support/tcpRig.ts';

function kernelValue(stream: TcpStream, level: number, option: number): number {
  const value = Buffer.alloc(4);
  assert.equal(getsockopt(stream.fd, level, option, value), 4);
  return value.readInt32LE(0);
}

test('noDelay is on for both ends unless it is asked not to be, and follows the kernel', async (t) => {
  const { client, server } = await tcpRig(t).pair();
  for (const stream of [client, server]) {
    assert.equal(kernelValue(stream, IPPROTO_TCP, TCP_NODELAY), 1);
    stream.noDelay = false;
    assert.equal(kernelValue(stream, IPPROTO_TCP, TCP_NODELAY), 0);
    assert.equal(stream.noDelay, false);
  }
  const slow = tcpRig(t, { noDelay: false });
  assert.equal((await slow.pair()).server.noDelay, false);
  const { address: host, port } = slow.listener.localAddress;
  const stream = await TcpStream.connect({ host, port, noDelay: false });
  assert.equal(stream.noDelay, false);
  stream.close();
});

test('setKeepAlive() switches probing on with its times, and leaves the others', async (t) => {
  const { client } = await tcpRig(t).pair();
  assert.equal(client.keepAlive, false);
  const intervalBefore = kernelValue(client, IPPROTO_TCP, TCP_KEEPINTVL);
  client.setKeepAlive({ idleSeconds: 7, count: 3 });
  assert.equal(client.keepAlive, true);
  const names = [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT];
  assert.deepEqual(
    names.map((name) => kernelValue(client, IPPROTO_TCP, name)),
    [7, intervalBefore, 3],
  );
  client.keepAlive = false;
  assert.equal(kernelValue(client, SOL_SOCKET, SO_KEEPALIVE), 0);
  assert.throws(() => client.setKeepAlive({ idleSeconds: 9, intervalSeconds: 0 }), RangeError);
  assert.equal(kernelValue(client, IPPROTO_TCP, TCP_KEEPIDLE), 7, 'a refused call changes nothing');
});

test('linger is seconds or null', async (t) => {
  const { client } = await tcpRig(t).pair();
  assert.equal(client.linger, null);
  client.linger = 5;
  assert.equal(client.linger, 5);
  client.linger = null;
  assert.equal(client.linger, null);
  assert.throws(() => (client.linger = -1), RangeError);
  assert.throws(() => (client.linger = '1' as unknown as number), TypeError);
});

test('buffer sizes are what the kernel makes of them', async (t) => {
  const { client } = await tcpRig(t).pair();
  client.receiveBufferSize = 8192;
  client.sendBufferSize = 8192;
  assert.deepEqual([client.receiveBufferSize, client.sendBufferSize], [16_384, 16_384]);
});

test('an option of another type is a TypeError', async (t) => {
  const { client } = await tcpRig(t).pair();
  assert.throws(() => (client.noDelay = 1 as unknown as boolean), {
    name: 'TypeError',
    message: "Cannot use 'noDelay' as it must be a boolean: current value is 1",
  });
  assert.throws(() => (client.keepAlive = 'yes' as unknown as boolean), TypeError);
  assert.throws(() => (client.receiveBufferSize = 1.5), RangeError);
});
