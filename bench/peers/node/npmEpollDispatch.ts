// npm's `epoll` 4.0.2: one event per turn of its own thread. Arguments: READY.
import { createRequire } from 'node:module';
import { EventFd } from 'epoll-ts';
import { serveSlices } from '../../suite/serveSlices.ts';

interface NpmEpoll {
  add(fd: number, events: number): this;
}
interface NpmEpollClass {
  new (handler: (error: Error | null, fd: number, events: number) => void): NpmEpoll;
  readonly EPOLLIN: number;
}

const folder = new URL('../../../../bench/peers/npm/package.json', import.meta.url);
const { Epoll } = createRequire(folder)('epoll') as { Epoll: NpmEpollClass };
const counters = Array.from({ length: Number(process.argv[2]) }, () => new EventFd({ initial: 1n }));
let done = 0;
let wanted = Infinity;
let end: (done: number) => void = () => {};
const poller = new Epoll(() => {
  if (++done === wanted) end(done);
});
let added = false;

await serveSlices(async (operations) => {
  done = 0;
  wanted = operations;
  const finished = new Promise<number>((resolve) => {
    end = resolve;
  });
  if (!added) for (const { fd } of counters) poller.add(fd, Epoll.EPOLLIN);
  added = true;
  return finished;
});
