import type { TestContext } from 'node:test';
import { EventFd, Pipe, Reactor, type ReactorOptions, type Waker } from 'epoll-ts';

/** A reactor and descriptors for it, closed when the test ends. */
export interface ReactorRig {
  readonly reactor: Reactor;
  counter(initial?: bigint): EventFd;
  pipe(): Pipe;
  waker(onWake?: () => void): Waker;
}

export function reactorRig(t: TestContext, options?: ReactorOptions): ReactorRig {
  const reactor = new Reactor(options);
  t.after(() => reactor.close());
  const closing = <T extends { close(): void }>(made: T): T => {
    t.after(() => made.close());
    return made;
  };
  return {
    reactor,
    counter: (initial = 0n) => closing(new EventFd({ initial })),
    pipe: () => closing(new Pipe()),
    waker: (onWake) => closing(reactor.waker(onWake)),
  };
}
