// What keeps the process alive, and what lets it end. Each in a process of its own.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';
import assert from 'node:assert/strict';
import { reactorRig } from '../support/reactorRig.ts';

const setUp = `
  import { EventFd, Reactor } from 'epoll-ts';
  const reactor = new Reactor();
  const counter = new EventFd();
  // What nothing refers to is collected and warned of: since Node 26 a scavenge is enough.
  globalThis.kept = [reactor, counter];
  let beforeExit = 0;
  process.on('beforeExit', () => console.log('beforeExit', ++beforeExit));
  process.on('exit', (code) => console.log('exit', code));
`;

/** A script that ends by itself, with these lines between. */
function ends(name: string, script: string, lines: readonly string[] = []): void {
  test(`the process ends: ${name}`, () => expectScript(setUp + script, [...lines, 'beforeExit 1', 'exit 0']));
}

/** A script that would stay for ever: it is still there when an unref'd timer comes. */
function stays(name: string, script: string): void {
  test(`the process stays: ${name}`, () => {
    const alarm = "setTimeout(() => { console.log('still here'); process.exit(); }, 100).unref();";
    expectScript(setUp + script + alarm, ['still here', 'exit 0']);
  });
}

ends('a reactor without registrations', '');
ends('a registration that was closed', 'reactor.register(counter, { readable: true }, () => {}).close();');
ends('an object that was closed', 'reactor.register(counter, { readable: true }, () => {}); counter.close();');
ends('a reactor that was closed', 'reactor.register(counter, { readable: true }, () => {}); reactor.close();');
ends("a registration that was unref'd", 'reactor.register(counter, { readable: true }, () => {}).unref();');
ends('a registration without a handler that nobody awaits', 'reactor.register(counter, { readable: true });');
ends('the same, edge-triggered', "reactor.register(counter, { readable: true, trigger: 'edge' });");
ends('the same, exclusive', 'reactor.register(counter, { readable: true, exclusive: true });');
ends(
  "a wait of an unref'd registration",
  'reactor.register(counter, { readable: true }).unref().readable().catch(() => {});',
);
ends(
  'a wait that was given up',
  `const registration = reactor.register(counter, { readable: true });
   const abort = new AbortController();
   registration.readable({ signal: abort.signal }).catch((error) => console.log(error.name));
   abort.abort();`,
  ['AbortError'],
);
ends('a waker without a handler', 'reactor.waker();');
ends("a waker that was unref'd", 'reactor.waker(() => {}).unref();');
ends(
  'a refused registration',
  'try { reactor.register(999, { readable: true }, () => {}); } catch ({ code }) { console.log(code); }',
  ['EBADF'],
);
ends(
  'when the wait is over',
  `reactor.register(counter, { readable: true }).readable().then(() => console.log('readable'));
   counter.write();`,
  ['readable'],
);
ends(
  'when the last handler closes its registration',
  `counter.write();
   reactor.register(counter, { readable: true }, (_, registration) => { console.log('handler'); registration.close(); });`,
  ['handler'],
);
ends(
  "a ready level-triggered registration that is unref'd does not spin on",
  'counter.write(); reactor.register(counter, { readable: true }, () => {}).unref();',
);
ends(
  'after detaching and attaching again, nothing is held by what was',
  `reactor.register(counter, { readable: true }, () => {}).close();
   setTimeout(() => reactor.register(counter, { readable: true }), 5);`,
);

stays('a registration with a handler', 'reactor.register(counter, { readable: true }, () => {});');
stays(
  'a fired one-shot, which may be armed again',
  "counter.write(); reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => {});",
);
stays(
  "a registration that was unref'd and ref'd",
  'reactor.register(counter, { readable: true }, () => {}).unref().ref();',
);
stays(
  'one of many',
  'reactor.register(counter, { readable: true }, () => {}); reactor.register(new EventFd(), { readable: ' +
    'true }, () => {}).unref();',
);
stays('a wait', 'reactor.register(counter, { readable: true }).readable().catch(() => {});');
stays('a waker with a handler', 'reactor.waker(() => {});');
stays("a waker that was unref'd and ref'd", 'reactor.waker(() => {}).unref().ref();');
stays('for await', '(async () => { for await (const _ of reactor.register(counter, { readable: true })); })();');
stays(
  'after detaching and attaching again',
  `reactor.register(counter, { readable: true }, () => {}).close();
   setTimeout(() => reactor.register(counter, { readable: true }, () => {}), 5);`,
);

test('beforeExit can register again: the process goes on until that is done', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     const reactor = new Reactor();
     let rounds = 0;
     process.on('beforeExit', () => {
       if (++rounds > 3) return;
       const counter = new EventFd({ initial: 1n });
       reactor.register(counter, { readable: true }, () => { console.log('round', rounds); counter.close(); });
     });`,
    ['round 1', 'round 2', 'round 3'],
  );
});

test('keepsAlive of the snapshot says who holds the process', async (t) => {
  const { reactor, counter } = reactorRig(t);
  const [first, second] = [counter(), counter()];
  const withHandler = reactor.register(first, { readable: true }, () => {});
  const without = reactor.register(second, { readable: true });
  const shown = (): unknown => reactor.snapshot().registrations.map(({ keepsAlive }) => keepsAlive);
  assert.deepEqual(shown(), [true, false]);
  withHandler.unref();
  const wait = without.readable();
  assert.deepEqual(shown(), [false, true]);
  second.write();
  await wait;
  assert.deepEqual(shown(), [false, false]);
  withHandler.ref();
  assert.deepEqual(shown(), [true, false]);
});
