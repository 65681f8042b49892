// What of a socket keeps the process alive: what waits for it, and nothing else. Each in a process of its own.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

/** @param aliveMs after which the process is said to stay */
const setUp = (aliveMs: number): string => `
  import { TcpListener, TcpStream } from 'epoll-ts/net';
  const listener = new TcpListener({ address: '127.0.0.1' });
  const to = { host: '127.0.0.1', port: listener.localAddress.port };
  const client = await TcpStream.connect(to);
  const server = await listener.accept();
  const into = new Uint8Array(8);
  process.on('exit', () => console.log('exit'));
  const alarm = setTimeout(() => { console.log('still here'); process.exit(); }, ${aliveMs}).unref();
`;

const cases: readonly (readonly [name: string, script: string, stays: boolean])[] = [
  ['open sockets that nobody waits for', '', false],
  ['a pending read', 'server.read(into);', true],
  ['a pending read with a timeout', 'server.read(into, { timeoutMs: 60_000 });', true],
  ['a pending accept', 'listener.accept();', true],
  ['a handler', 'server.onReadiness = () => {};', true],
  ['a handler that was taken away', 'server.onReadiness = () => {}; server.onReadiness = undefined;', false],
  ["a pending read of an unref'd stream", 'server.unref().read(into);', false],
  ["the same, ref'd again", 'server.unref().ref().read(into);', true],
  ["a stream that was unref'd while it waits", 'server.read(into); server.unref();', false],
  ["a handler of an unref'd listener", 'listener.unref().onReadiness = () => {};', false],
  ['a read that was given up', 'server.read(into, { signal: AbortSignal.abort() }).catch(() => {});', false],
  ['a read that a close has ended', 'server.read(into).catch(() => {}); server.close();', false],
  ['a read that came', 'server.read(into); await client.write(into);', false],
];

for (const [name, script, stays] of cases) {
  test(`the process ${stays ? 'stays' : 'ends'}: ${name}`, () => {
    // One that must end has time for it: the alarm alone keeps nothing alive.
    expectScript(setUp(stays ? 300 : 30_000) + script, stays ? ['still here', 'exit'] : ['exit']);
  });
}

test('everything works in a worker, whose reactor is closed when it ends', () => {
  const worker = `
    const { parentPort } = require('node:worker_threads');
    (async () => {
      const { TcpListener, TcpStream, threadReactor } = await import('epoll-ts/net');
      const listener = new TcpListener({ address: '127.0.0.1' });
      const client = await TcpStream.connect({ host: '127.0.0.1', port: listener.localAddress.port });
      const server = await listener.accept();
      const wait = server.read(new Uint8Array(8));
      await client.write(Buffer.from('hello'));
      parentPort.postMessage([await wait, threadReactor().fd]);
      for (const socket of [client, server, listener]) socket.close();
    })();`;
  expectScript(
    `import { readdirSync } from 'node:fs';
     import { Worker } from 'node:worker_threads';
     import { once } from 'node:events';
     const run = async () => {
       const worker = new Worker(${JSON.stringify(worker)}, { eval: true, execArgv: [] });
       const exit = once(worker, 'exit');
       const [[count]] = await once(worker, 'message');
       await exit;
       return count;
     };
     console.log(await run());
     const open = () => readdirSync('/proc/self/fd').length;
     const before = open();
     for (let i = 0; i < 3; i++) console.log(await run());
     console.log(open() - before);`,
    ['5', '5', '5', '5', '0'],
  );
});
