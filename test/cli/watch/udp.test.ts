import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { runWatch, startWatch } from '../watchProcess.ts';

async function client(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

for (const args of [[], ['--edge'], ['--oneshot']]) {
  test(
    `epoll watch --echo ${args.join(' ')} udp reports each datagram by its sender, empty ones too, ` +
      'and sends it back',
    async () => {
      using watch = startWatch(['--json', '--echo', ...args, 'udp:127.0.0.1:0']);
      const port = await watch.port();
      const socket = await client();
      const from = `127.0.0.1:${socket.address().port}`;
      const sent = ['one', '', 'three'];
      const answers: string[] = [];
      for (const text of sent) {
        socket.send(text, port, '127.0.0.1');
        const [answer] = (await once(socket, 'message')) as [Buffer];
        answers.push(answer.toString());
      }
      assert.deepEqual(answers, sent);
      await watch.event('the last one', ({ detail }) => JSON.stringify(detail).includes('three'));
      const datagrams = watch.events.flatMap(({ detail }) => detail['datagrams'] as object[]);
      assert.deepEqual(datagrams, [
        { from, bytes: 3, text: 'one' },
        { from, bytes: 0, text: '' },
        { from, bytes: 5, text: 'three' },
      ]);
      socket.close();
    },
  );
}

test('epoll watch udp sends nothing back without --echo', async () => {
  using watch = startWatch(['--json', 'udp::0']);
  const port = await watch.port();
  const socket = await client();
  let answered = false;
  socket.on('message', () => (answered = true));
  for (const text of ['one', 'two']) {
    socket.send(text, port, '127.0.0.1');
    const seen = await watch.event(text, ({ detail }) => JSON.stringify(detail).includes(`"${text}"`));
    assert.match(JSON.stringify(seen.detail), /"from":"127\.0\.0\.1:\d+"/, 'an IPv4 sender at an IPv6 socket');
  }
  assert.equal(answered, false);
  socket.close();
});

test('epoll watch udp refuses a busy port', async () => {
  const socket = await client();
  const { code, stderr } = await runWatch([`udp:127.0.0.1:${socket.address().port}`]);
  assert.match(
    stderr,
    /EADDRINUSE: another program has port \d+: choose another one, or udp:127\.0\.0\.1:0 for a free one$/m,
  );
  assert.equal(code, 1);
  socket.close();
});
