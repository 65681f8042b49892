// Compiled with the tests, never run: every line under a `@ts-expect-error` must fail to compile, every other must
// compile.
import type { EventFd, ExclusiveRegistration, Interest, Reactor, Registration } from 'epoll-ts';

declare const reactor: Reactor;
declare const fd: EventFd;

export function whatCompiles(): void {
  const shared: Registration = reactor.register(fd, { readable: true });
  reactor.register(3, {}, (_mask: number, registration: Registration) => registration.rearm());
  reactor.register(
    { fd: 3 },
    { writable: true, priority: true, readHangup: true, wakeup: true, trigger: 'edge-oneshot' },
  );
  reactor.register(fd, { readable: true, exclusive: false, trigger: 'oneshot' }, (_mask, registration) => {
    registration.modify({ writable: true });
    registration.close();
  });
  shared.modify({ readable: true, trigger: 'edge' });
  shared.modify({ exclusive: false });

  const exclusive: ExclusiveRegistration = reactor.register(fd, { exclusive: true, readable: true });
  reactor.register(fd, { exclusive: true, writable: true, wakeup: true, trigger: 'edge' }, (mask, registration) => {
    if (mask !== 0) registration.close();
  });
  reactor.register(fd, { exclusive: true, priority: false, readHangup: false, trigger: 'level' });
  exclusive.ref().unref();
  void exclusive.readable();

  // An interest that is chosen elsewhere, and a handler that needs no more than every registration has.
  const chosen = { readable: true } as Interest;
  const either: Registration | ExclusiveRegistration = reactor.register(fd, chosen, (_mask, registration) =>
    registration.close(),
  );
  either.close();
}

export function whatDoesNotCompile(): void {
  // @ts-expect-error -- the kernel refuses EPOLLEXCLUSIVE with EPOLLONESHOT
  reactor.register(fd, { exclusive: true, readable: true, trigger: 'oneshot' });
  // @ts-expect-error -- the same with EPOLLET
  reactor.register(fd, { exclusive: true, readable: true, trigger: 'edge-oneshot' });
  // @ts-expect-error -- the kernel refuses EPOLLEXCLUSIVE with EPOLLPRI
  reactor.register(fd, { exclusive: true, priority: true });
  // @ts-expect-error -- the kernel refuses EPOLLEXCLUSIVE with EPOLLRDHUP
  reactor.register(fd, { exclusive: true, readHangup: true });
  // @ts-expect-error -- the same with a handler
  reactor.register(fd, { exclusive: true, readHangup: true }, () => {});
  // @ts-expect-error -- no such member
  reactor.register(fd, { read: true });
  // @ts-expect-error -- no such member beside exclusive
  reactor.register(fd, { exclusive: true, edge: true });
  // @ts-expect-error -- no such trigger
  reactor.register(fd, { readable: true, trigger: 'once' });
  // @ts-expect-error -- not a number
  reactor.register(fd, { readable: 1 });
  // @ts-expect-error -- not a mask
  reactor.register(fd, 1);
  // @ts-expect-error -- neither a number nor an object with one
  reactor.register('3', { readable: true });
  // @ts-expect-error -- an interest is needed
  reactor.register(fd);

  const exclusive = reactor.register(fd, { exclusive: true, readable: true }, (_mask, registration) => {
    // @ts-expect-error -- the kernel refuses to modify such an entry
    registration.modify({ readable: true });
    // @ts-expect-error -- nor can it be armed again
    registration.rearm();
  });
  // @ts-expect-error -- the same outside the handler
  exclusive.modify({ readable: true });
  // @ts-expect-error -- the same outside the handler
  exclusive.rearm();

  const shared = reactor.register(fd, { readable: true });
  // @ts-expect-error -- EPOLLEXCLUSIVE can be given when adding only
  shared.modify({ exclusive: true });
  // @ts-expect-error -- the same with more
  shared.modify({ exclusive: true, readable: true });
  // @ts-expect-error -- no such member
  shared.modify({ writeable: true });

  const chosen = { readable: true } as Interest;
  // @ts-expect-error -- it may be an exclusive one
  reactor.register(fd, chosen).rearm();
  // @ts-expect-error -- the handler may get an exclusive registration
  reactor.register(fd, chosen, (_mask, registration: Registration) => registration.rearm());
}
