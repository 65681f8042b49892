// npm's `epoll` 4.0.2: the CPU time of this process until its first event, the end of a pipe that is closed.
import { createRequire } from 'node:module';

interface NpmEpoll {
  add(fd: number, events: number): this;
}
interface NpmEpollClass {
  new (handler: () => void): NpmEpoll;
  readonly EPOLLIN: number;
}

const folder = new URL('../../../../bench/peers/npm/package.json', import.meta.url);
const { Epoll } = createRequire(folder)('epoll') as { Epoll: NpmEpollClass };
const poller = new Epoll(() => {
  const { user: userUs, system: systemUs } = process.cpuUsage();
  console.log(JSON.stringify({ userUs, systemUs }));
  process.exit();
});
poller.add(0, Epoll.EPOLLIN);
