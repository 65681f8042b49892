// A round trip between two processes over two eventfds, which the child inherits. The CPU time is that of the asking
// process.
import { spawn } from 'node:child_process';
import { EventFd } from 'epoll-ts';
import { eventfd_write } from 'epoll-ts/sys';
import { eventfdWait } from '../suite/eventfdWait.ts';
import { serveSlices } from '../suite/serveSlices.ts';

const file = new URL(import.meta.url).pathname;
// The descriptors of the child after the standard ones.
const [hear, tell] = [3, 4];

if (process.argv[2] === 'answer') {
  // Standard input hangs up when the parent has ended.
  const wait = eventfdWait(hear, 0);
  for (wait(); ; wait()) eventfd_write(tell, 1n);
}

const there = new EventFd();
const back = new EventFd();
spawn(process.execPath, [file, 'answer'], { stdio: ['pipe', 'inherit', 'inherit', there.fd, back.fd] });
const wait = eventfdWait(back.fd);
await serveSlices((operations) => {
  for (let index = 0; index < operations; index++) {
    eventfd_write(there.fd, 1n);
    wait();
  }
  return operations;
});
