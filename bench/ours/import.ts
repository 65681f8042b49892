// Milliseconds to import what the argument names: epoll-ts, epoll-ts/net, …
const specifier = process.argv[2] ?? '';
const cpu = process.cpuUsage();
const begin = performance.now();
await import(specifier);
const wallMs = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }));
