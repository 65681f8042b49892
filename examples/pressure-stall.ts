// Pressure-stall information: the kernel says that tasks have waited for the CPU too long. Nothing is polled.
//
//   npm run example pressure-stall         # makes some pressure itself, and ends after the first true report
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PressureStall, Reactor, SystemError } from 'epoll-ts';

let stall: PressureStall;
try {
  // 20 ms of stall within 2 s: without CAP_SYS_RESOURCE the kernel takes windows of whole multiples of 2 s only.
  stall = new PressureStall('cpu', { share: 'some', stallMs: 20, windowMs: 2000 });
} catch (error) {
  if (!(error instanceof SystemError)) throw error;
  console.log(`no pressure-stall information here: ${error.message}`);
  process.exit(0);
}

// More busy threads than CPUs: some of them must wait.
const busy = Array.from({ length: availableParallelism() * 2 }, () => new Worker('for (;;);', { eval: true }));

new Reactor().register(stall, { priority: true }, () => {
  const report = stall.read();
  // A new trigger's first reports can be false: the kernel counts stall from before it.
  if (report === null) return;
  console.log(`${report.stallMs.toFixed(1)} ms of stall within ${report.withinMs.toFixed(1)} ms`);
  stall.close();
  for (const worker of busy) void worker.terminate();
});
