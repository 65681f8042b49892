// Handlers that throw: reported once, nobody else's event lost, the loop goes on. Mostly in processes of their own, as
// the test runner listens to `uncaughtException` itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportNow } from '#epoll/reactor/handlerErrors.js';
import { expectScript, runScript } from '../support/childScript.ts';
import { inTime } from '../support/loopTurns.ts';
import { endOf, startThread } from '../support/threadScript.ts';

const setUp = `
  import { EventFd, Reactor } from 'epoll-ts';
  const reactor = new Reactor();
  const counters = Array.from({ length: 3 }, () => new EventFd({ initial: 1n }));
  const end = () => { for (const counter of counters) counter.close(); };
`;

test('an error reaches uncaughtException once, the rest of the batch and the next events are delivered', () => {
  expectScript(
    `${setUp}
     process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', error.message, origin));
     process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
     let turns = 0;
     counters.forEach((counter, index) => reactor.register(counter, { readable: true, trigger: 'edge' }, () => {
       console.log('handler', index);
       if (index === 2 && ++turns === 2) return end();
       if (index === 2) setImmediate(() => counters.forEach((each) => each.write()));
       if (index === 1) throw new Error('thrown ' + turns);
     }));`,
    [
      'handler 0',
      'handler 1',
      'handler 2',
      'monitor thrown 0 uncaughtException',
      'caught thrown 0 uncaughtException',
      'handler 0',
      'handler 1',
      'handler 2',
      'monitor thrown 1 uncaughtException',
      'caught thrown 1 uncaughtException',
    ],
  );
});

test('several errors of one batch are all reported, each once, whatever they are', () => {
  expectScript(
    `${setUp}
     process.on('uncaughtException', (error) => { console.log('caught', String(error)); });
     const thrown = [new Error('one'), undefined, 'three'];
     counters.forEach((counter, index) => reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => {
       if (index === 2) setImmediate(() => setImmediate(end));
       throw thrown[index];
     }));`,
    ['caught Error: one', 'caught undefined', 'caught three'],
  );
});

test('without a listener the process ends as with any uncaught exception: the stack, and exit code 1', () => {
  const { status, lines, stderr } = runScript(
    `${setUp}
     process.on('exit', (code) => console.log('exit', code));
     function whereItWasThrown() { throw new Error('boom'); }
     counters.forEach((counter, index) => reactor.register(counter, { readable: true }, () => {
       console.log('handler', index);
       if (index === 0) whereItWasThrown();
     }));`,
  );
  assert.equal(status, 1);
  assert.deepEqual(lines, ['handler 0', 'handler 1', 'handler 2', 'exit 1']);
  assert.match(stderr, /Error: boom\n\s+at whereItWasThrown/);
});

test("an error of a handler in a worker is the worker's error event, and the main thread goes on", async () => {
  for (const turning of ['', 'reactor.run();']) {
    const worker = startThread(
      `const reactor = new epoll.Reactor();
       const counter = new epoll.EventFd({ initial: 1n });
       reactor.register(counter, { readable: true }, () => { throw new RangeError('in the worker'); });
       ${turning}`,
    );
    await assert.rejects(inTime('the error', endOf(worker)), { name: 'RangeError', message: 'in the worker' });
  }
});

test("a promise that a handler returns is nobody's business: its rejection is unhandled", () => {
  expectScript(
    `${setUp}
     process.on('unhandledRejection', (error) => { console.log('unhandled', error.message); });
     process.on('uncaughtException', () => console.log('never'));
     reactor.register(counters[0], { readable: true, trigger: 'oneshot' }, async () => {
       setImmediate(end);
       throw new Error('later');
     });`,
    ['unhandled later'],
  );
});

test('a handler that closes its registration and throws is reported like any other', () => {
  expectScript(
    `${setUp}
     process.on('uncaughtException', (error) => console.log('caught', error.message));
     counters.forEach((counter, index) => {
       const registration = reactor.register(counter, { readable: true }, () => {
         registration.close();
         if (index === 2) reactor.close();
         throw new Error(String(index));
       });
     });`,
    ['caught 0', 'caught 1', 'caught 2'],
  );
});

test(
  'run() throws the first error without a listener, the others are reported as well, ' +
    'and run() can be called again',
  () => {
    expectScript(
      `${setUp}
     counters.forEach((counter, index) => reactor.register(counter, { readable: true, trigger: 'edge' }, () => {
       if (counter.read() === 1n) throw new Error(String(index));
       console.log('handler', index);
       counter.close();
     }));
     try { reactor.run(); } catch (error) { console.log('thrown', error.message); }
     process.on('uncaughtException', (error) => console.log('caught', error.message));
     for (const counter of counters) counter.write(2n);
     reactor.run();
     console.log('run returned');`,
      ['thrown 0', 'handler 0', 'handler 1', 'handler 2', 'run returned', 'caught 1', 'caught 2'],
    );
  },
);

test('run() calls the listeners, and goes on', () => {
  expectScript(
    `${setUp}
     process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', error.message, origin));
     process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
     counters.forEach((counter, index) => reactor.register(counter, { readable: true }, () => {
       console.log('handler', index);
       counter.close();
       if (index === 1) throw new Error('boom');
     }));
     reactor.run();
     console.log('run returned');`,
    [
      'handler 0',
      'handler 1',
      'handler 2',
      'monitor boom uncaughtException',
      'caught boom uncaughtException',
      'run returned',
    ],
  );
});

test('an error that nobody catches from run() ends the process with its stack', () => {
  const { status, stderr } = runScript(
    `${setUp}
     reactor.register(counters[0], { readable: true }, function whereItWasThrown() { throw new Error('boom'); });
     reactor.run();`,
  );
  assert.equal(status, 1);
  assert.match(stderr, /Error: boom\n\s+at .*whereItWasThrown/);
});

test('a turn inside a handler throws the errors of its own batch, and not those of the outer one', () => {
  expectScript(
    `${setUp}
     const [outer, second, inner] = counters;
     reactor.register(outer, { readable: true, trigger: 'oneshot' }, () => { throw new Error('outer'); });
     reactor.register(second, { readable: true, trigger: 'oneshot' }, () => {
       reactor.register(inner, { readable: true, trigger: 'oneshot' }, () => { throw new Error('inner'); });
       try { reactor.turn(0); } catch (error) { console.log('turn threw', error.message); }
     });
     try { reactor.turn(0); } catch (error) { console.log('outer turn threw', error.message); }
     reactor.close();
     end();`,
    ['turn threw inner', 'outer turn threw outer'],
  );
});

test('a listener that throws in its turn costs no other error its report', () => {
  const listener = (error: unknown): void => {
    reported.push(error);
    if (error === 'first') throw new Error('from the listener');
  };
  const reported: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', listener);
  const later: (() => void)[] = [];
  const nextTick = process.nextTick.bind(process);
  process.nextTick = (callback: () => void) => void later.push(callback);
  try {
    assert.throws(() => reportNow(['first', 'second']), /from the listener/);
  } finally {
    process.nextTick = nextTick;
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
  }
  assert.deepEqual(reported, ['first']);
  assert.equal(later.length, 1);
  assert.throws(
    () => later[0]?.(),
    (error: unknown) => error === 'second',
  );
});

test('a reactor can be closed in an uncaughtException listener: the loop goes on', () => {
  expectScript(
    `import { EventFd, Reactor } from 'epoll-ts';
     const reactor = new Reactor();
     const counter = new EventFd();
     let errors = 0;
     process.on('uncaughtException', (error) => {
       console.log(error.message);
       reactor.close();
       counter.close();
       if (++errors > 3) process.exit(1);
     });
     setImmediate(() => {
       setTimeout(() => console.log('timer'), 20);
       throw new Error('mine');
     });
     reactor.register(counter, { readable: true }, () => {});`,
    ['mine', 'timer'],
  );
});

test('a capture callback has the error when the blocking turn is over, and listeners do not', () => {
  expectScript(
    `${setUp}
     process.on('uncaughtException', () => console.log('listener'));
     process.removeAllListeners('uncaughtException');
     process.setUncaughtExceptionCaptureCallback((error) => console.log('captured', error.message));
     counters.forEach((counter, index) => reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => {
       console.log('handler', index);
       if (index === 1) throw new Error('thrown');
     }));
     console.log('turned', reactor.turn(0));
     setImmediate(end);`,
    ['handler 0', 'handler 1', 'handler 2', 'turned 3', 'captured thrown'],
  );
});
