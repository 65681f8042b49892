// Pressure-stall information: the kernel says with EPOLLPRI that tasks have waited for the CPU too long. Nothing is polled.
//
//   npm run example pressure-stall         # makes some pressure itself, and ends after the first report
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { formatEvents, Reactor } from 'epoll-ts';

const file = '/proc/pressure/cpu';
// 20 ms of stall within 2 s: without CAP_SYS_RESOURCE the kernel takes windows of whole multiples of 2 s only.
const trigger = 'some 20000 2000000';

let fd: number;
try {
  fd = openSync(file, 'r+');
  writeSync(fd, `${trigger}\0`);
} catch (error) {
  console.log(`no pressure-stall information here: ${(error as Error).message}`);
  process.exit(0);
}

// More busy threads than CPUs: some of them must wait.
const busy = Array.from({ length: availableParallelism() * 2 }, () => new Worker('for (;;);', { eval: true }));

const reactor = new Reactor();
const registration = reactor.register(fd, { priority: true }, (readiness) => {
  console.log(`${formatEvents(readiness)}: ${readFileSync(file, 'utf8').split('\n')[0]}`);
  registration.close();
  closeSync(fd);
  for (const worker of busy) void worker.terminate();
});
