import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

// In a process that can have 64 descriptors: four connections wait in the queue, and nothing is left to accept them
// with.
const atTheLimit = `
import { EventFd } from 'epoll-ts';
import { TcpListener, TcpStream } from 'epoll-ts/net';
import { setTimeout as delay } from 'node:timers/promises';
import { backend } from '#epoll/sys/ffi/backend.js';
const refused = [];
const real = backend();
const { bind } = real;
real.bind = (symbol, ...types) => {
  const call = bind.call(real, symbol, ...types);
  if (symbol !== 'accept4') return call;
  return (...args) => {
    const answer = call(...args);
    if (answer < 0 && limited) refused.push(performance.now());
    return answer;
  };
};
let limited = false;
process.on('warning', ({ code }) => console.log(code));
const listener = new TcpListener({ address: '127.0.0.1' });
const { port } = listener.localAddress;
(await TcpStream.connect({ host: '127.0.0.1', port })).close();
(await listener.accept()).close(); // the modules that are loaded late are there now
const clients = [];
for (let count = 0; count < 4; count++) clients.push(await TcpStream.connect({ host: '127.0.0.1', port }));
await listener.untilReadable();
const filling = [];
try { for (;;) filling.push(new EventFd()); } catch (error) { console.log(error.code); }
limited = true;
// A warning is given on a tick of its own.
const refusals = async (count) => { do await delay(1); while (refused.length < count); };
const free = () => filling.pop().close();
`;
const through = { through: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'], flags: ['--no-warnings'] };

test('at EMFILE one accept4(2) asks every 50 ms, however many accept() wait; one warning is given for all of it', () => {
  expectScript(
    `${atTheLimit}
     const accepted = [];
     for (const _ of clients) listener.accept().then((connection) => accepted.push(connection));
     await refusals(4);
     // A timer of 50 ms may end a millisecond early, never two.
     const gaps = refused.slice(1, 4).map((at, index) => at - refused[index]);
     console.log(gaps.every((gap) => gap > 48) || gaps);
     for (let count = 1; count <= 4; count++) {
       free();
       while (accepted.length < count) await delay(1);
     }
     console.log(accepted.length);
     for (const socket of [...accepted, ...clients, listener]) socket.close();`,
    ['EMFILE', 'EPOLL_TS_ACCEPT', 'true', '4'],
    through,
  );
});

test('the next episode is warned of again', () => {
  expectScript(
    `${atTheLimit}
     const first = listener.accept();
     await refusals(1);
     free();
     const accepted = [await first];
     for (let count = 0; count < 4; count++) free();
     for (let count = 0; count < 3; count++) accepted.push(await listener.accept());
     console.log(listener.tryAccept());
     clients.push(await TcpStream.connect({ host: '127.0.0.1', port }));
     await listener.untilReadable();
     try { for (;;) filling.push(new EventFd()); } catch {}
     const again = listener.accept();
     await refusals(2);
     free();
     accepted.push(await again);
     console.log(accepted.length);
     for (const socket of [...accepted, ...clients, listener]) socket.close();`,
    ['EMFILE', 'EPOLL_TS_ACCEPT', 'null', 'EPOLL_TS_ACCEPT', '5'],
    through,
  );
});

for (const how of ['close', 'detach']) {
  test(`${how}() rejects accept() with ClosedError while it rests after EMFILE; a signal gives it up`, () => {
    expectScript(
      `${atTheLimit}
       const abort = new AbortController();
       const given = listener.accept({ signal: abort.signal }).catch(({ name }) => name);
       const waiting = listener.accept().catch(({ name }) => name);
       await refusals(1);
       abort.abort();
       console.log(await given);
       listener.${how}();
       console.log(await waiting);
       console.log(await listener.accept().catch(({ name }) => name));
       for (const socket of clients) socket.close();`,
      ['EMFILE', 'EPOLL_TS_ACCEPT', 'AbortError', 'ClosedError', 'ClosedError'],
      through,
    );
  });
}

test('unref() lets the process end while accept() rests after EMFILE', () => {
  expectScript(
    `${atTheLimit}
     globalThis.kept = [clients, filling, listener.unref()];
     void listener.accept();
     await refusals(2);
     listener.ref();
     listener.unref();`,
    ['EMFILE', 'EPOLL_TS_ACCEPT'],
    through,
  );
});
