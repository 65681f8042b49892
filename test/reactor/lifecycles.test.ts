// Ends that workers.test.ts and keepAlive.test.ts leave out: while blocked with something pending, inside handlers of a
// blocking reactor, by a signal, and what a child process inherits of a reactor at work. Each in a process of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { expectScript, runScript } from '../support/childScript.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a thread is doing when it is ended; `ready()` is called when it does it. The first argument of each is free. */
const states: Readonly<Record<string, string>> = {
  'blocked in run() with waits pending': `
    const registration = reactor.register(new epoll.EventFd(), { readable: true });
    for (let wait = 0; wait < 3; wait++) registration.readable().catch(() => {});
    (async () => { for await (const _ of reactor.register(new epoll.EventFd(), { readable: true })); })();
    ready();
    reactor.run();`,
  'blocked in run() with an abortable wait pending': `
    const abort = new AbortController();
    reactor.register(new epoll.EventFd(), { readable: true }).readable({ signal: abort.signal }).catch(() => {});
    ready();
    reactor.run({ signal: abort.signal });`,
  'blocked in a turn inside a handler': `
    const first = new epoll.EventFd({ initial: 1n });
    reactor.register(first, { readable: true }, () => { first.read(); ready(); reactor.turn(); });
    reactor.run();`,
  'blocked in Epoll.wait() inside a handler of an attached reactor': `
    const first = new epoll.EventFd({ initial: 1n });
    reactor.register(first, { readable: true }, () => {
      first.read();
      ready();
      const ep = globalThis.ep = new epoll.Epoll();
      ep.wait(new sys.EpollEventBuffer(1));
    });`,
  'blocked with a file that has an instance of its own': `
    const file = sys.open('/proc/self/mounts', sys.O_CLOEXEC);
    reactor.register(file, { priority: true }, () => {});
    ready();
    reactor.run();`,
  'attached with a file that has an instance of its own': `
    const file = sys.open('/proc/self/mounts', sys.O_CLOEXEC);
    reactor.register(file, { priority: true }, () => {});
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    ready();`,
  'blocked beside an attached reactor that is busy': `
    const other = globalThis.other = new epoll.Reactor();
    other.register(new epoll.EventFd({ initial: 1n }), { readable: true }, () => {});
    reactor.register(new epoll.EventFd(), { readable: true }, () => {});
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    ready();
    reactor.run();`,
};

/** A main thread that starts a worker in a state, and does `how` when the worker says that it is there. */
function withWorker(state: string, how: string): string {
  const body = `
    const reactor = globalThis.kept = new epoll.Reactor();
    const ready = () => parentPort.postMessage(sys.gettid());
    ${state}`;
  return `
    import { messageOf, startThread } from './build/test/support/threadScript.js';
    import { sleeps } from './build/test/support/threadWatch.js';
    for (let round = 0; round < 3; round++) {
      const worker = startThread(${JSON.stringify(body)});
      const tid = await messageOf(worker);
      // Has said so, and is really there: asleep each time that one looks.
      for (let seen = 0; seen < 5; seen = sleeps(tid) ? seen + 1 : 0) await new Promise((later) => setTimeout(later, 1));
      worker.removeAllListeners('error').removeAllListeners('exit');
      ${how}
    }
    console.log('alive');`;
}

for (const [what, state] of Object.entries(states)) {
  test(`worker.terminate() of a worker that is ${what}`, () => {
    expectScript(withWorker(state, 'await worker.terminate();'), ['alive']);
  });

  test(`process.exit() while a worker is ${what}`, () => {
    const { lines, status, signal, stderr } = runScript(withWorker(state, 'process.exit(7);'));
    assert.deepEqual({ lines, status, signal, stderr }, { lines: [], status: 7, signal: null, stderr: '' });
  });

  test(`SIGTERM ends a main thread that is ${what}`, async () => {
    // A signal without a listener is the kernel's to deliver: it does not wait for the event loop.
    const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
    const script = `
      import * as epoll from 'epoll-ts';
      import * as sys from 'epoll-ts/sys';
      import { writeSync } from 'node:fs';
      const reactor = globalThis.kept = new epoll.Reactor();
      const ready = () => writeSync(1, 'ready');
      ${state}`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, env });
    const closed = once(child, 'close');
    await Promise.race([once(child.stdout, 'data'), closed]);
    child.kill('SIGTERM');
    assert.deepEqual(await closed, [null, 'SIGTERM']);
  });
}

/** What a handler of a blocking reactor does, and how its thread ends: exit code, and what stderr has. */
const inHandler: Readonly<Record<string, readonly [act: string, status: number, complaint: RegExp]>> = {
  'process.exit()': ['process.exit(3);', 3, /^$/],
  'process.exit() with waits pending': [
    'reactor.register(new epoll.EventFd(), { readable: true }).readable().catch(() => {}); process.exit(3);',
    3,
    /^$/,
  ],
  'an error': ["throw new Error('in a handler');", 1, /Error: in a handler/],
  'a rejection that nobody handles': [
    "Promise.reject(new Error('rejected')); registration.close();",
    1,
    /Error: rejected/,
  ],
  'an async handler that rejects': ['registration.close(); return later();', 1, /Error: later/],
};

for (const [what, [act, expected, complaint]] of Object.entries(inHandler)) {
  const body = `
    const reactor = globalThis.kept = new epoll.Reactor();
    const counter = new epoll.EventFd({ initial: 1n });
    const later = async () => { await null; throw new Error('later'); };
    const registration = reactor.register(counter, { readable: true }, () => { ${act} });
    reactor.run();`;

  test(`${what} in a handler of run() ends the main thread`, () => {
    const { status, signal, stderr } = runScript(`import * as epoll from 'epoll-ts'; ${body}`);
    assert.deepEqual([status, signal], [expected, null], stderr);
    assert.match(stderr, complaint);
  });

  test(`${what} in a handler of run() ends a worker, and the main thread goes on`, () => {
    const { lines, status, stderr } = runScript(
      `import { startThread } from './build/test/support/threadScript.js';
       const worker = startThread(${JSON.stringify(body)});
       worker.on('error', (error) => console.log(String(error)));
       console.log('exit', await new Promise((resolve) => worker.once('exit', resolve)));`,
    );
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(lines.at(-1), `exit ${expected}`);
    assert.equal(lines.length, expected === 1 ? 2 : 1);
    assert.match(`${lines.slice(0, -1).join('\n')}`, complaint);
  });
}

test('an unhandled rejection of an attached handler, with a listener for it, leaves the reactor at work', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     process.on('unhandledRejection', (error) => console.log('unhandled', error.message));
     const reactor = new Reactor();
     const counter = new EventFd({ initial: 1n });
     let calls = 0;
     reactor.register(counter, { readable: true }, async () => {
       if (++calls === 3) counter.close();
       throw new Error('number ' + calls);
     });`,
    ['unhandled number 1', 'unhandled number 2', 'unhandled number 3'],
  );
});

test('beforeExit comes once when the last of many holders lets go, whichever way', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     process.on('beforeExit', () => console.log('beforeExit'));
     const [first, second] = [new Reactor(), new Reactor()];
     const counters = Array.from({ length: 5 }, () => new EventFd());
     const [a, b, c, d, e] = counters;
     first.register(a, { readable: true }, () => {});
     const unrefd = first.register(b, { readable: true }, () => {});
     second.register(c, { readable: true }, () => {}).ref();
     const abort = new AbortController();
     second.register(d, { readable: true }).readable({ signal: abort.signal }).catch(({ name }) => console.log(name));
     const waker = second.waker(() => {});
     first.register(second, { readable: true }, () => {});
     first.register(e, { readable: true }).readable().then(() => console.log('served'));
     const steps = [
       () => a.close(), () => unrefd.unref(), () => c.close(), () => abort.abort(), () => waker.close(), () => e.write(),
       () => second.close(),
     ];
     const next = () => { steps.shift()(); console.log(steps.length); if (steps.length > 0) setImmediate(next); };
     next();`,
    ['6', '5', '4', '3', 'AbortError', '2', '1', 'served', '0', 'beforeExit'],
  );
});

test('a child process inherits nothing of a reactor at work, from the main thread and from a worker', () => {
  // The numbers that the child has beside those of the same child without a reactor.
  const body = `
    const { spawnSync } = await import('node:child_process');
    const list = () => spawnSync('sh', ['-c', 'readlink /proc/$$/fd/* || true'], { encoding: 'utf8' }).stdout
      .split('\\n').filter((file) => file.startsWith('anon_inode:') || file.includes('/mounts')).sort().join();
    const before = list();
    const reactor = new epoll.Reactor();
    const waker = reactor.waker(() => {});
    const file = sys.open('/proc/self/mounts', sys.O_CLOEXEC);
    const direct = reactor.register(file, { priority: true }, () => {});
    const counter = new epoll.EventFd();
    const awaited = reactor.register(counter, { readable: true }).unref();
    awaited.readable().catch(() => {});
    const ep = globalThis.ep = new epoll.Epoll();
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    const after = list();
    const { readdirSync, readlinkSync } = await import('node:fs');
    const own = readdirSync('/proc/self/fd').filter((fd) => {
      try { return readlinkSync('/proc/self/fd/' + fd) === 'anon_inode:[eventpoll]'; } catch { return false; }
    }).length;
    say(own >= 4 && before === after ? 'nothing' : 'own ' + own + ', before ' + before + ', after ' + after);
    reactor.close(); waker.close(); ep.close(); counter.close(); sys.close(file);`;
  expectScript(
    `import * as epoll from 'epoll-ts';
     import * as sys from 'epoll-ts/sys';
     import { messageOf, startThread } from './build/test/support/threadScript.js';
     const say = console.log;
     ${body}
     const worker = startThread(${JSON.stringify(`const say = (text) => parentPort.postMessage(text); ${body}`)});
     console.log(await messageOf(worker));`,
    ['nothing', 'nothing'],
  );
});
