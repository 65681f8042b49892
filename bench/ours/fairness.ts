// What the host's own timers and sockets wait while READY descriptors are ready all the time. Argument: READY.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { EventFd, Reactor } from 'epoll-ts';

const ready = Number(process.argv[2]);
const rounds = 400;
const reactor = new Reactor();
let events = 0;
for (let index = 0; index < ready; index++) {
  reactor.register(new EventFd({ initial: 1n }), { readable: true }, () => void events++);
}

const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
await once(server, 'listening');
const client = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay(true);
await once(client, 'connect');

async function roundTrip(): Promise<void> {
  const answer = once(client, 'data');
  client.write('x');
  await answer;
}

async function median(task: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    await task();
    took.push((performance.now() - begin) * 1000);
  }
  // The first half is for the compiler.
  return took.slice(rounds / 2).sort((a, b) => a - b)[rounds / 4] ?? Number.NaN;
}

const timerUs = await median(async () => setTimeout(1));
const tripUs = await median(roundTrip);
const before = events;
let turns = 0;
for (; turns < 1_000; turns++) await setImmediate();
console.log(JSON.stringify({ timerUs, tripUs, eventsPerTurn: (events - before) / turns }));
process.exit();
