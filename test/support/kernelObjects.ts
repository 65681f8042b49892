import { existsSync } from 'node:fs';
import { EventFd, Inotify, MountWatch, type OwnedFd, PidFd, Pipe, PressureStall, SignalFd, TimerFd } from 'epoll-ts';
import { IN_CREATE } from 'epoll-ts/sys';

type Uses = Readonly<Record<string, () => unknown>>;

/** An object of a kind, and everything that can be done with it. Disposing closes it, and what was made with it. */
export interface MadeObject extends Disposable {
  readonly object: OwnedFd;
  /** By name; each must throw when the object is closed. */
  readonly uses: Uses;
}

/** A kind of object that owns a descriptor. */
export interface KernelObject {
  readonly name: string;
  /** The call that makes its descriptor. */
  readonly syscall: string;
  make(): MadeObject;
}

/** Every class that owns a descriptor, but `Epoll`. */
export const kernelObjects: readonly KernelObject[] = [
  kind('EventFd', 'eventfd', () => {
    const object = new EventFd();
    return [object, { read: () => object.read(), write: () => object.write() }];
  }),
  kind('TimerFd', 'timerfd_create', () => {
    const object = new TimerFd();
    const set = (): void => object.set({ afterNs: 1 });
    return [
      object,
      { set, disarm: () => object.disarm(), remaining: () => object.remaining(), read: () => object.read() },
    ];
  }),
  kind('SignalFd', 'signalfd', () => {
    const object = new SignalFd(['SIGHUP'], { directed: 'thread' });
    return [object, { read: () => object.read() }];
  }),
  kind('PidFd', 'pidfd_open', () => {
    const object = new PidFd(process.pid);
    return [object, { exited: () => object.exited, signal: () => object.signal('SIGCONT') }];
  }),
  kind('Inotify', 'inotify_init1', () => {
    const object = new Inotify();
    const watch = object.watch('/', IN_CREATE);
    const again = (): unknown => object.watch('/', IN_CREATE);
    return [object, { watch: again, unwatch: () => object.unwatch(watch), read: () => object.read() }];
  }),
  kind('PipeReader', 'pipe2', () => {
    const pipe = new Pipe();
    return [pipe.reader, { read: () => pipe.reader.read(new Uint8Array(1)) }, pipe.writer];
  }),
  kind('PipeWriter', 'pipe2', () => {
    const pipe = new Pipe();
    return [pipe.writer, { write: () => pipe.writer.write(new Uint8Array(1)) }, pipe.reader];
  }),
  kind('MountWatch', 'open', () => {
    const object = new MountWatch();
    return [object, { read: () => object.read() }];
  }),
  ...(existsSync('/proc/pressure/cpu') ? [pressureStall()] : []),
];

function pressureStall(): KernelObject {
  return kind('PressureStall', 'open', () => {
    const object = new PressureStall('cpu', { share: 'some', stallMs: 2000, windowMs: 2000 });
    return [object, { read: () => object.read() }];
  });
}

function kind(
  name: string,
  syscall: string,
  create: () => readonly [object: OwnedFd, uses: Uses, alsoMade?: Disposable],
): KernelObject {
  const make = (): MadeObject => {
    const [object, uses, alsoMade] = create();
    const dispose = (): void => {
      object[Symbol.dispose]();
      alsoMade?.[Symbol.dispose]();
    };
    return { object, uses: { fd: () => object.fd, ...uses }, [Symbol.dispose]: dispose };
  };
  return { name, syscall, make };
}
