// Bytes of heap per registration: 10,000 duplicates of one counter, one handler. Run with --expose-gc.
import { EventFd, Reactor } from 'epoll-ts';
import { dup } from 'epoll-ts/sys';

const members = 10_000;
const reactor = new Reactor();
const counter = new EventFd();
const handler = (): void => {};
const fds = Array.from({ length: members + 100 }, () => dup(counter.fd));
for (const fd of fds.splice(0, 100)) reactor.register(fd, { readable: true, trigger: 'edge' }, handler);
const collect = globalThis.gc ?? (() => {});
collect();
const before = process.memoryUsage();
for (const fd of fds) reactor.register(fd, { readable: true, trigger: 'edge' }, handler);
collect();
const after = process.memoryUsage();
console.log(
  JSON.stringify({
    heapBytes: (after.heapUsed - before.heapUsed) / members,
    rssBytes: (after.rss - before.rss) / members,
  }),
);
process.exit();
