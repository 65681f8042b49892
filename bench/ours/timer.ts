// Waits of 100 µs, one after another. Argument: wait|timerfd|attached|setTimeout.
import { Epoll, EpollEventBuffer, Reactor, TimerFd } from 'epoll-ts';
import { EPOLLIN } from 'epoll-ts/sys';
import { serveSlices } from '../suite/serveSlices.ts';

const waitNs = 100_000n;
const events = new EpollEventBuffer(1);

function waits(): (operations: number) => number {
  const ep = new Epoll();
  return (operations) => {
    for (let left = operations; left > 0; left--) ep.wait(events, { timeoutNs: waitNs });
    return operations;
  };
}

function timerWaits(): (operations: number) => number {
  const ep = new Epoll();
  const timer = new TimerFd();
  ep.add(timer, EPOLLIN);
  return (operations) => {
    for (let left = operations; left > 0; left--) {
      timer.set({ afterNs: waitNs });
      ep.wait(events);
      timer.read();
    }
    return operations;
  };
}

/** Runs `start` again each time that it has told that it is over. */
function inLoop(begin: (over: () => void) => () => void): (operations: number) => Promise<number> {
  let left = 0;
  let end: () => void = () => {};
  const start = begin(() => {
    if (--left === 0) end();
    else start();
  });
  return async (operations) =>
    new Promise((resolve) => {
      left = operations;
      end = () => resolve(operations);
      start();
    });
}

const modes: Readonly<Record<string, () => (operations: number) => number | Promise<number>>> = {
  wait: waits,
  timerfd: timerWaits,
  attached: () =>
    inLoop((over) => {
      const timer = new TimerFd();
      new Reactor().register(timer, { readable: true }, () => {
        timer.read();
        over();
      });
      return () => timer.set({ afterNs: waitNs });
    }),
  setTimeout: () => inLoop((over) => () => void setTimeout(over, Number(waitNs) / 1e6)),
};

const slice = modes[process.argv[2] ?? ''];
if (slice === undefined) throw new Error(`Cannot measure as the modes are: ${Object.keys(modes).join(', ')}`);
await serveSlices(slice());
