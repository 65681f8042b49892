// One uv_poll per descriptor, through koffi's own callback: what a binding without epoll does. Arguments: READY.
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { EventFd } from 'epoll-ts';
import { serveSlices } from '../../suite/serveSlices.ts';

const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
const counters = Array.from({ length: Number(process.argv[2]) }, () => new EventFd({ initial: 1n }));
let done = 0;
let wanted = Infinity;
let end: (done: number) => void = () => {};
const ready = (): void => {
  if (++done !== wanted) return;
  for (const handle of handles) handle.stop();
  // In koffi's callback promises do not run on every Node: an immediate goes on.
  setImmediate(() => end(done));
};
const handles = counters.map(({ fd }) => koffi.node.poll(fd, { readable: true }, ready));
for (const handle of handles) handle.stop();

await serveSlices(async (operations) => {
  done = 0;
  wanted = operations;
  const finished = new Promise<number>((resolve) => {
    end = resolve;
  });
  for (const handle of handles) handle.start({ readable: true }, ready);
  return finished;
});
