// Connections in a reactor whose handlers do all that a handler may, at random.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isReadHangup, type Reactor, type Registration, type SharedInterest } from 'epoll-ts';
import {
  EAGAIN,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  F_GETFL,
  F_SETFL,
  fcntl,
  O_NONBLOCK,
  read,
  SHUT_WR,
  shutdown,
  write,
} from 'epoll-ts/sys';
import { until } from '../../support/loopTurns.ts';
import { reactorRig } from '../../support/reactorRig.ts';
import { tcpPair } from './tcpPair.ts';

const total = 65_536;
const always = EPOLLERR | EPOLLHUP;
const chunk = new Uint8Array(total);

/** Numbers below a limit, the same on every run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One connection: what was sent and received, and what its handlers saw. */
class Transfer {
  sent = 0;
  received = 0;
  writableEvents = 0;
  fruitless = 0;
  ended = false;
  hungUp = false;
  readonly #random: (below: number) => number;

  constructor(reactor: Reactor, [sender, receiver]: readonly [number, number], random: (below: number) => number) {
    this.#random = random;
    reactor.register(sender, { writable: true }, (mask, registration) => this.#write(sender, mask, registration));
    reactor.register(receiver, { readable: true, readHangup: true }, (mask, registration) => {
      this.#read(receiver, mask, registration);
    });
  }

  #write(fd: number, mask: number, registration: Registration): void {
    assert.equal(mask & ~(EPOLLOUT | always), 0);
    this.writableEvents++;
    // Ignoring it, or looking for something else for a while, must lose nothing.
    const doing = this.#random(8);
    if (doing === 0) return;
    if (doing === 1) return this.#pause(registration, { writable: true });
    if (doing === 2) return toggle(registration, { writable: true });
    const most = Math.min(doing < 6 ? 1 + this.#random(128) : total, total - this.sent);
    const count = write(fd, chunk.subarray(0, most));
    if (count === -EAGAIN) this.fruitless++;
    else this.sent += count;
    if (this.sent < total) return;
    assert.equal(shutdown(fd, SHUT_WR), 0);
    registration.close();
  }

  #read(fd: number, mask: number, registration: Registration): void {
    assert.equal(mask & ~(EPOLLIN | EPOLLRDHUP | always), 0);
    this.hungUp ||= isReadHangup(mask);
    const interest = { readable: true, readHangup: true } as const;
    const doing = this.#random(8);
    if (doing === 0) return;
    if (doing === 1) return this.#pause(registration, interest);
    if (doing === 2) return toggle(registration, interest);
    const count = read(fd, chunk.subarray(0, doing < 6 ? 1 + this.#random(128) : total));
    if (count > 0) this.received += count;
    if (count !== 0) return;
    this.ended = true;
    registration.close();
  }

  #pause(registration: Registration, interest: SharedInterest): void {
    registration.modify({ priority: true });
    setTimeout(() => registration.modify(interest), 1 + this.#random(5));
  }
}

function toggle(registration: Registration, interest: SharedInterest): void {
  registration.modify({ priority: true });
  registration.modify(interest);
}

function connection(t: TestContext): readonly [number, number] {
  const [client, server] = tcpPair(t);
  assert.equal(fcntl(server, F_SETFL, fcntl(server, F_GETFL) | O_NONBLOCK), 0);
  return [client, server];
}

test('u-uni: five connections move every byte while their handlers ignore, pause and toggle their events', async (t) => {
  const { reactor } = reactorRig(t);
  const random = numbers(4747);
  const transfers = Array.from({ length: 5 }, () => new Transfer(reactor, connection(t), random));
  await until('all have ended', () => transfers.every(({ ended }) => ended));
  for (const { sent, received, hungUp, writableEvents, fruitless } of transfers) {
    assert.deepEqual({ sent, received, hungUp }, { sent: total, received: total, hungUp: true });
    assert.ok(fruitless <= writableEvents / 20, `${fruitless} of ${writableEvents} writable events were none`);
  }
  assert.deepEqual(reactor.snapshot().registrations, []);
});
