// Threads that end while their reactor is at work: the process goes on, or ends when it is told to, and never aborts.
// Each in a process of its own, with koffi loaded in the worker only, and in the main thread too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from '../support/childScript.ts';

/** What a worker is doing when it is ended; it says `ready` when it does it. */
// Where they go on firing, something happens to the counter: nothing warns that the loop spins, however late the end
// comes.
const states: Readonly<Record<string, string>> = {
  'attached and idle': `
    const counter = new epoll.EventFd({ initial: 1n });
    reactor.register(counter, { readable: true }, () => { counter.read(); ready(); });`,
  'attached and busy on every turn': `
    let calls = 0;
    const counter = new epoll.EventFd({ initial: 1n });
    reactor.register(counter, { readable: true }, () => { counter.write(); if (++calls === 20) ready(); });`,
  'attached with traffic, promises and timers': `
    let calls = 0;
    const counter = new epoll.EventFd({ initial: 1n });
    const write = () => { if (!counter.closed) counter.write(); };
    reactor.register(counter, { readable: true }, async () => {
      counter.read();
      if (++calls === 20) ready();
      await null;
      (calls % 2 ? setImmediate : setTimeout)(write);
    });`,
  'attached with pending waits': `
    const counters = Array.from({ length: 5 }, () => new epoll.EventFd());
    const registrations = counters.map((counter) => reactor.register(counter, { readable: true }));
    for (const registration of registrations) registration.readable().catch(() => {});
    (async () => { for await (const _ of registrations[0]); })();
    const first = new epoll.EventFd({ initial: 1n });
    await reactor.register(first, { readable: true }).readable();
    ready();`,
  'attached, in a handler that does not return': `
    reactor.register(new epoll.EventFd({ initial: 1n }), { readable: true }, () => { ready(); for (;;); });`,
  'attached with much data and many registrations': `
    let calls = 0;
    const counters = Array.from({ length: 200 }, () => new epoll.EventFd({ initial: 1n }));
    for (const counter of counters)
      reactor.register(counter, { readable: true }, () => { counter.write(); if (++calls === 5000) ready(); });`,
  'blocking in run() with nothing to do': `
    reactor.register(new epoll.EventFd(), { readable: true }, () => {});
    ready();
    reactor.run();`,
  'blocking in run(), busy': `
    let calls = 0;
    const counter = new epoll.EventFd({ initial: 1n });
    reactor.register(counter, { readable: true }, () => { counter.write(); if (++calls === 1000) ready(); });
    reactor.run();`,
  'blocking in run(), in a handler that does not return': `
    reactor.register(new epoll.EventFd({ initial: 1n }), { readable: true }, () => { ready(); for (;;); });
    reactor.run();`,
  'blocking in turn()': `
    reactor.register(new epoll.EventFd(), { readable: true }, () => {});
    ready();
    reactor.turn();`,
  'attached in two reactors, one inside the other': `
    const inner = new epoll.Reactor();
    let calls = 0;
    const counter = new epoll.EventFd({ initial: 1n });
    inner.register(counter, { readable: true }, () => { counter.write(); if (++calls === 20) ready(); });
    reactor.register(inner, { readable: true }, () => inner.turn(0));`,
};

const rounds = 4;

/** A main thread that starts the worker `rounds` times and ends it each time; `how` ends it, with `worker` at hand. */
function script(state: string, how: string, preamble: string): string {
  const body = `
    const reactor = globalThis.kept = new epoll.Reactor();
    const ready = () => parentPort.postMessage('ready');
    ${state}`;
  return `
    ${preamble}
    import { once } from 'node:events';
    import { endOf, messageOf, startThread } from './build/test/support/threadScript.js';
    for (let round = 0; round < ${rounds}; round++) {
      const worker = startThread(${JSON.stringify(body)});
      await messageOf(worker);
      worker.removeAllListeners('error').removeAllListeners('exit');
      ${how}
    }
    console.log('alive');`;
}

const preambles = {
  'loaded by the worker only': '',
  'loaded by the main thread too': "import { Epoll } from 'epoll-ts'; new Epoll().close();",
};

for (const [what, state] of Object.entries(states)) {
  for (const [loaded, preamble] of Object.entries(preambles)) {
    test(`worker.terminate() of a worker that is ${what}, ${loaded}`, () => {
      const { lines, status, signal, stderr } = runScript(
        script(state, 'if (round % 2) await new Promise(setImmediate); await worker.terminate();', preamble),
      );
      assert.deepEqual({ lines, status, signal, stderr }, { lines: ['alive'], status: 0, signal: null, stderr: '' });
    });
  }

  test(`process.exit() while a worker is ${what}`, () => {
    const { lines, status, signal, stderr } = runScript(script(state, "console.log('exit'); process.exit(7);", ''));
    assert.deepEqual({ lines, status, signal, stderr }, { lines: ['exit'], status: 7, signal: null, stderr: '' });
  });
}

const endings: Readonly<Record<string, readonly [script: string, status: number, stderr: RegExp]>> = {
  'by itself, with an attached reactor that holds nobody': ['registration.unref();', 0, /^$/],
  'by process.exit()': ['process.exit(3);', 3, /^$/],
  'by process.exit() in a handler': ['counter.write(); exitIn = true;', 3, /^$/],
  'by an uncaught error': ["throw new Error('the end');", 1, /Error: the end/],
  'by an uncaught error of a handler': ['counter.write(); throwIn = true;', 1, /Error: in a handler/],
  'by an unhandled rejection': ["Promise.reject(new Error('rejected'));", 1, /Error: rejected/],
};

const ended = `
  const reactor = globalThis.kept = new epoll.Reactor();
  const counter = new epoll.EventFd();
  const busy = new epoll.EventFd({ initial: 1n });
  let [exitIn, throwIn] = [false, false];
  const registration = reactor.register(counter, { readable: true }, () => {
    if (exitIn) process.exit(3);
    if (throwIn) throw new Error('in a handler');
  });
  // Something that is always ready, so that the loop has an event for us when it is torn down.
  reactor.register(busy, { readable: true }, () => {}).unref();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
`;

for (const [how, [end, expected, complaint]] of Object.entries(endings)) {
  test(`the main thread ends ${how}`, () => {
    const { status, signal, stderr } = runScript(`import * as epoll from 'epoll-ts'; ${ended} ${end}`);
    assert.deepEqual([status, signal], [expected, null], stderr);
    assert.match(stderr, complaint);
  });

  test(`a worker ends ${how}, and the main thread goes on`, () => {
    const { lines, status, signal, stderr } = runScript(
      `import { startThread } from './build/test/support/threadScript.js';
       for (let round = 0; round < ${rounds}; round++) {
         const worker = startThread(${JSON.stringify(`${ended} ${end}`)});
         worker.on('error', (error) => console.log(error.message));
         const code = await new Promise((resolve) => worker.once('exit', resolve));
         if (code !== ${expected}) console.log('exit code', code);
       }
       console.log('alive');`,
    );
    assert.deepEqual([status, signal, stderr], [0, null, '']);
    assert.equal(lines.at(-1), 'alive');
    const messages = lines.slice(0, -1);
    assert.equal(messages.length, expected === 1 ? rounds : 0, messages.join('; '));
    assert.ok(
      messages.every((message) => complaint.test(`Error: ${message}`)),
      messages.join('; '),
    );
  });
}

test('descriptors of a terminated worker stay open, and can be used and closed by their numbers', () => {
  const { lines, stderr } = runScript(
    `import { EventFd } from 'epoll-ts';
     import { close, dup, eventfd_read, eventfd_write } from 'epoll-ts/sys';
     import { messageOf, startThread } from './build/test/support/threadScript.js';
     const worker = startThread(
       'const counter = globalThis.kept = new epoll.EventFd();' +
       'const reactor = globalThis.reactor = new epoll.Reactor();' +
       'reactor.register(counter, { readable: true }, () => {});' +
       'parentPort.postMessage([counter.fd, reactor.fd]);');
     const fds = await messageOf(worker);
     await worker.terminate();
     EventFd.from(fds[0]).write(5n);
     console.log(eventfd_read(fds[0]), fds.map((fd) => close(fd)).join());`,
  );
  assert.equal(stderr, '');
  assert.deepEqual(lines, ['5n 0,0']);
});
