// Milliseconds to import epoll-ts, and to the first event.
const begin = performance.now();
const cpu = process.cpuUsage();
const { EventFd, Reactor } = await import('epoll-ts');
const imported = performance.now();
const { user, system } = process.cpuUsage(cpu);
const reactor = new Reactor();
const counter = new EventFd({ initial: 1n });
reactor.register(counter, { readable: true }, () => {
  const importCpuMs = (user + system) / 1000;
  console.log(JSON.stringify({ importMs: imported - begin, importCpuMs, firstEventMs: performance.now() - begin }));
  process.exit();
});
