// Arguments: raw|blocking|attached|promise READY level|edge [IDLE].
import { EventFd, Reactor, type Registration } from 'epoll-ts';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  EpollEventBuffer,
  EPOLLET,
  EPOLLIN,
  eventfd_write,
} from 'epoll-ts/sys';
import { serveSlices } from '../suite/serveSlices.ts';

const [mode = '', readyText = '', trigger = '', idleText = '0'] = process.argv.slice(2);
const ready = Number(readyText);
const edge = trigger === 'edge';
const counters = Array.from({ length: ready }, () => new EventFd({ initial: edge ? 0n : 1n }));
const idle = Array.from({ length: Number(idleText) }, () => new EventFd());
const fds = counters.map(({ fd }) => fd);

let seen = 0;
let done = 0;

function refill(): void {
  if (edge) for (let index = 0; index < fds.length; index++) eventfd_write(fds[index] ?? -1, 1n);
}

function raw(): (operations: number) => number {
  const epfd = epoll_create1(EPOLL_CLOEXEC);
  const buffer = new EpollEventBuffer(256);
  const handlers: ((events: number) => void)[] = [];
  const count = (events: number): void => void (seen += events & EPOLLIN);
  for (const { fd } of [...counters, ...idle]) {
    epoll_ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | (edge ? EPOLLET : 0), handlers.length);
    handlers.push(count);
  }
  return (operations) => {
    let total = 0;
    while (total < operations) {
      refill();
      for (let left = ready; left > 0;) {
        const n = epoll_wait(epfd, buffer, 256, -1);
        for (let index = 0; index < n; index++) handlers[buffer.dataLow(index)]?.(buffer.events(index));
        total += n;
        left -= n;
      }
    }
    return total;
  };
}

function handled(): Reactor {
  const reactor = new Reactor();
  const handler = (readiness: number): void => {
    seen += readiness & EPOLLIN;
    done++;
  };
  for (const counter of [...counters, ...idle]) {
    reactor.register(counter, { readable: true, trigger: edge ? 'edge' : 'level' }, handler);
  }
  return reactor;
}

function blocking(): (operations: number) => number {
  const reactor = handled();
  return (operations) => {
    done = 0;
    while (done < operations) {
      refill();
      for (let left = ready; left > 0;) left -= reactor.turn();
    }
    return done;
  };
}

// The slice ends in a handler: what is measured is the host's loop, turning.
function attached(): (operations: number) => Promise<number> {
  const reactor = new Reactor();
  let wanted = 0;
  let end: (done: number) => void = () => {};
  const handler = (readiness: number): void => {
    seen += readiness & EPOLLIN;
    if (++done === wanted) end(done);
    if (edge && done % ready === 0) refill();
  };
  for (const counter of [...counters, ...idle]) {
    reactor.register(counter, { readable: true, trigger: edge ? 'edge' : 'level' }, handler);
  }
  return async (operations) => {
    done = 0;
    wanted = operations;
    const finished = new Promise<number>((resolve) => {
      end = resolve;
    });
    refill();
    return finished;
  };
}

function promise(): (operations: number) => Promise<number> {
  const reactor = new Reactor();
  const interest = { readable: true, trigger: edge ? 'edge' : 'level' } as const;
  const registrations = counters.map((counter) => reactor.register(counter, interest));
  const wait = async (registration: Registration, operations: number): Promise<void> => {
    for (; done < operations; done++) {
      if (edge) eventfd_write(registration.fd, 1n);
      seen += (await registration.readable()) & EPOLLIN;
    }
  };
  return async (operations) => {
    done = 0;
    await Promise.all(registrations.map(async (registration) => wait(registration, operations)));
    return done;
  };
}

const modes = { raw, blocking, attached, promise };
await serveSlices(modes[mode as keyof typeof modes]());
