// Bytes of heap per registration: 10,000 counters, one handler. Run with --expose-gc.
import { Reactor } from 'epoll-ts';
import { EFD_CLOEXEC, eventfd } from 'epoll-ts/sys';

const members = 10_000;
const reactor = new Reactor();
const handler = (): void => {};
// One file each: duplicates of one file would be too many paths to it for the kernel, and for libuv.
const fds = Array.from({ length: members + 100 }, () => eventfd(0, EFD_CLOEXEC));
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
