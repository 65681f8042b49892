import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runNode } from '../support/runNode.ts';

test('a Duplex whose peer has ended does not keep the process alive for bytes that nobody reads', () => {
  const { status, stdout, stderr } = runNode(
    '--input-type=module',
    '--eval',
    `
    import { createServer } from 'node:http';
    import { once } from 'node:events';
    import { TcpStream } from 'epoll-ts/net';
    const server = createServer((_, response) => {
      response.end('unread');
      server.close(); // not before: Node 26 would close a connection that has not asked yet
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = (await TcpStream.connect({ host: '127.0.0.1', port: server.address().port })).toDuplex();
    await new Promise(setImmediate); // it waits by now
    client.end('GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n');
    process.on('exit', () => console.log(client.readableLength > 0));`,
  );
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'true\n');
});
