// A worker of test/stress/accept.ts: blocks in a reactor of its own, and shares the listener with the others.
import { parentPort, workerData } from 'node:worker_threads';
import { Reactor } from 'epoll-ts';
import { TcpListener, type TcpStream } from 'epoll-ts/net';
import { AcceptMode, AcceptSlot, type AcceptWorkerData } from './accept.ts';

const { fd, number, exclusive, memory } = workerData as AcceptWorkerData;
const reactor = new Reactor();
const listener = TcpListener.from(fd, { exclusive, reactor });
const into = new Uint8Array(64);
const mode = (): number => Atomics.load(memory, AcceptSlot.mode);

listener.onReadiness = () => {
  Atomics.add(memory, AcceptSlot.wakes, 1);
  if (mode() === AcceptMode.serve) serveAll();
};
parentPort?.postMessage('ready');
while (mode() !== AcceptMode.end) {
  reactor.turn(20);
  if (mode() === AcceptMode.clear) for (let each; (each = listener.tryAccept()) !== null;) each.close();
  // An event that came in one of the other modes, and was counted only.
  if (mode() === AcceptMode.serve) serveAll();
  Atomics.add(memory, AcceptSlot.turns + number, 1);
}
listener.close();
reactor.close();

function serveAll(): void {
  for (let each; (each = listener.tryAccept()) !== null;) serveOne(each);
}

// Sends the word back and closes: the client has sent all of it by then.
function serveOne(stream: TcpStream): void {
  const answer = (): void => {
    if (stream.closed) return;
    const count = stream.tryRead(into);
    if (count === null) return;
    if (count > 0) stream.tryWrite(into.subarray(0, count));
    Atomics.add(memory, AcceptSlot.served + number, 1);
    stream.close();
  };
  stream.onReadiness = answer;
  answer();
}
