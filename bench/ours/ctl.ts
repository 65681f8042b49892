// Argument: sys-mod|mod|add-del|rearm.
import { EventFd, Reactor } from 'epoll-ts';
import { EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_MOD, epoll_create1, epoll_ctl, EPOLLIN } from 'epoll-ts/sys';
import { serveSlices } from '../suite/serveSlices.ts';

const mode = process.argv[2] ?? '';
const counter = new EventFd({ initial: 1n });

function sysMod(): (operations: number) => number {
  const epfd = epoll_create1(EPOLL_CLOEXEC);
  epoll_ctl(epfd, EPOLL_CTL_ADD, counter.fd, EPOLLIN);
  return (operations) => {
    for (let index = 0; index < operations; index++) epoll_ctl(epfd, EPOLL_CTL_MOD, counter.fd, EPOLLIN, index);
    return operations;
  };
}

function mod(): (operations: number) => number {
  const reactor = new Reactor();
  const registration = reactor.register(counter, { readable: true, trigger: 'oneshot' }, () => {});
  return (operations) => {
    for (let index = 0; index < operations; index++) registration.rearm();
    return operations;
  };
}

function addDel(): (operations: number) => number {
  const reactor = new Reactor();
  let registration = reactor.register(counter, { readable: true }, () => {});
  return (operations) => {
    for (let index = 0; index < operations; index++) {
      registration.close();
      registration = reactor.register(counter, { readable: true }, () => {});
    }
    return operations;
  };
}

function rearm(): (operations: number) => number {
  const reactor = new Reactor();
  reactor.register(counter, { readable: true, trigger: 'oneshot' }, (_, registration) => registration.rearm());
  return (operations) => {
    for (let done = 0; done < operations;) done += reactor.turn();
    return operations;
  };
}

const modes = { 'sys-mod': sysMod, mod, 'add-del': addDel, rearm };
await serveSlices(modes[mode as keyof typeof modes]());
