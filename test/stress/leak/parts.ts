import { Epoll, EventFd, Inotify, PidFd, Pipe, Reactor, SignalFd, TimerFd } from 'epoll-ts';
import { netLeakParts } from './netParts.ts';

/** Something that is done very often and must leave nothing behind. */
export interface LeakPart {
  readonly name: string;
  /** What part of the wanted count: heavy ones are done less often. */
  readonly share: number;
  /**
   * Prepares, and answers what is done each time and how it ends; `descriptor` is the one whose fdinfo must stay as it
   * is.
   */
  prepare(): { once(): void; close(): void; readonly descriptor: number };
}

const nothing = { close: (): void => {}, descriptor: -1 };

function opening(name: string, make: () => { close(): void }): LeakPart {
  return { name: `open and close ${name}`, share: 1, prepare: () => ({ ...nothing, once: () => make().close() }) };
}

export const leakParts: readonly LeakPart[] = [
  {
    name: 'register and close',
    share: 1,
    prepare: () => {
      const reactor = new Reactor();
      const counter = new EventFd();
      return {
        once: () => reactor.register(counter, { readable: true }, () => {}).close(),
        close: () => (counter.close(), reactor.close()),
        descriptor: reactor.fd,
      };
    },
  },
  opening('EventFd', () => new EventFd()),
  opening('TimerFd', () => new TimerFd()),
  opening('SignalFd', () => new SignalFd(['SIGHUP'], { directed: 'thread' })),
  opening('PidFd', () => new PidFd(process.pid)),
  opening('Inotify', () => new Inotify()),
  opening('Pipe', () => new Pipe()),
  opening('Epoll', () => new Epoll()),
  opening('Reactor', () => new Reactor()),
  {
    name: 'abort a pending wait',
    share: 0.1,
    prepare: () => {
      const reactor = new Reactor();
      const counter = new EventFd();
      const registration = reactor.register(counter, { readable: true });
      const once = (): void => {
        const controller = new AbortController();
        registration.readable({ signal: controller.signal }).catch(() => {});
        controller.abort();
      };
      return { once, close: () => (counter.close(), reactor.close()), descriptor: reactor.fd };
    },
  },
  ...netLeakParts,
];
