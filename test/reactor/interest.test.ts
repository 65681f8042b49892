// An interest becomes a mask, or is refused in words. What does not compile is in interest.test-d.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFd, type Interest, Reactor } from 'epoll-ts';
import {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
} from 'epoll-ts/sys';
import { interestMask } from '#epoll/reactor/interest.js';

const maskOf = (interest: Interest): number => interestMask(interest, 'register');

test('each member has its flag, and each trigger its bits', () => {
  const table: readonly (readonly [Interest, number])[] = [
    [{}, 0],
    [{ readable: true }, EPOLLIN],
    [{ writable: true }, EPOLLOUT],
    [{ priority: true }, EPOLLPRI],
    [{ readHangup: true }, EPOLLRDHUP],
    [{ wakeup: true }, EPOLLWAKEUP],
    [{ exclusive: true, readable: true }, EPOLLIN | EPOLLEXCLUSIVE],
    [{ exclusive: true, readable: true, trigger: 'edge' }, (EPOLLIN | EPOLLEXCLUSIVE | EPOLLET) >>> 0],
    [{ exclusive: true, writable: true, wakeup: true, trigger: 'level' }, EPOLLOUT | EPOLLWAKEUP | EPOLLEXCLUSIVE],
    [{ trigger: 'level' }, 0],
    [{ trigger: 'edge' }, EPOLLET],
    [{ trigger: 'oneshot' }, EPOLLONESHOT],
    [{ trigger: 'edge-oneshot' }, (EPOLLET | EPOLLONESHOT) >>> 0],
    [{ readable: true, writable: true, priority: true, readHangup: true }, EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP],
    [{ readable: false, writable: true, exclusive: false }, EPOLLOUT],
  ];
  for (const [interest, mask] of table) assert.equal(maskOf(interest), mask >>> 0, JSON.stringify(interest));
});

test('a member that is undefined is absent', () => {
  assert.equal(maskOf({ readable: undefined, trigger: undefined, writable: true } as unknown as Interest), EPOLLOUT);
});

const refusals: readonly (readonly [unknown, RegExp])[] = [
  [null, /^Cannot register as 'interest' must be an object such as { readable: true }: current value is null$/],
  [1, /'interest' must be an object such as .*: current value is 1$/],
  [undefined, /'interest' must be an object/],
  [{ read: true }, /'read' is unknown: the members of 'interest' are readable, writable, .*trigger$/],
  [{ readible: true }, /'readible' is unknown: did you mean 'readable'\?$/],
  [{ toString: true }, /'toString' is unknown/],
  [{ readable: 1 }, /'readable' must be a boolean: current value is 1$/],
  [{ readable: 'yes' }, /'readable' must be a boolean/],
  [
    { trigger: 'Edge' },
    /'trigger' must be one of 'level', 'edge', 'oneshot', 'edge-oneshot': current value is "Edge"$/,
  ],
  [{ trigger: 1 }, /'trigger' must be one of/],
  [{ trigger: 'constructor' }, /'trigger' must be one of/],
  [{ exclusive: true, priority: true }, /the kernel refuses 'exclusive' together with 'priority'$/],
  [{ exclusive: true, readHangup: true, trigger: 'oneshot' }, /with 'readHangup' and a one-shot trigger$/],
  [{ exclusive: true, trigger: 'edge-oneshot' }, /with a one-shot trigger$/],
];

for (const [interest, message] of refusals) {
  test(`${JSON.stringify(interest)} is refused, by register() and modify() alike`, (t) => {
    const reactor = new Reactor();
    const counter = new EventFd();
    t.after(() => {
      reactor.close();
      counter.close();
    });
    assert.throws(() => maskOf(interest as Interest), { name: 'TypeError', message });
    assert.throws(() => reactor.register(counter, interest as Interest), { name: 'TypeError', message });
    assert.deepEqual(reactor.snapshot().registrations, []);
    const registration = reactor.register(counter, { readable: true });
    assert.throws(() => registration.modify(interest as { readable: true }), {
      name: 'TypeError',
      message: /^Cannot modify as /,
    });
    assert.equal(registration.mask, EPOLLIN);
  });
}

test('what compiles is what the kernel takes: each combination without and with exclusive', (t) => {
  const reactor = new Reactor();
  t.after(() => reactor.close());
  const flags = ['readable', 'writable', 'priority', 'readHangup', 'wakeup', 'exclusive'] as const;
  const triggers = ['level', 'edge', 'oneshot', 'edge-oneshot'] as const;
  for (let bits = 0; bits < 1 << flags.length; bits++) {
    for (const trigger of triggers) {
      const counter = new EventFd();
      const chosen = flags.filter((_, index) => (bits & (1 << index)) !== 0);
      const interest = { ...Object.fromEntries(chosen.map((flag) => [flag, true])), trigger } as Interest;
      const refused =
        chosen.includes('exclusive') && (/priority|readHangup/.test(chosen.join()) || /oneshot/.test(trigger));
      const register = (): unknown => reactor.register(counter, interest, () => {});
      if (refused) assert.throws(register, TypeError, JSON.stringify(interest));
      else register();
      counter.close();
    }
  }
});
