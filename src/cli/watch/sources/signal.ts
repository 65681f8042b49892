import { EventFd, SignalFd, UnsupportedError } from '../../../index.ts';
import { EPOLLIN } from '../../../sys/index.ts';
import { wholeNumber } from '../event.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { SignalSpec } from '../sourceSpec.ts';

/**
 * `signal:HUP`: Node's own handler adds to an eventfd; a signalfd where every thread of the process blocks the signal,
 * which Node's threads do for SIGUSR1 alone, when it is started with `--disable-sigusr1`.
 */
export function openSignal(spec: SignalSpec, host: Host): Source {
  const signals = signalFd(spec.signal);
  return signals === null ? openHandler(spec, host) : openSignalFd(spec, host, signals);
}

function signalFd(signal: string): SignalFd | null {
  try {
    return new SignalFd([signal]);
  } catch (error) {
    if (error instanceof UnsupportedError) return null;
    throw error;
  }
}

function openSignalFd(spec: SignalSpec, host: Host, signals: SignalFd): Source {
  return openedSource(spec, host, signals, () => ({
    events: host.options.events ?? EPOLLIN,
    ready: () => {
      const info = signals.read();
      if (info === null) return { detail: {}, next: 'standing' };
      return { detail: { signal: info.signal, pid: info.pid, uid: info.uid, via: 'signalfd' }, next: 'drained' };
    },
  }));
}

function openHandler(spec: SignalSpec, host: Host): Source {
  return openedSource(spec, host, new EventFd(), (counter) => {
    const count = (): void => {
      counter.write();
    };
    process.on(spec.signal, count);
    return {
      events: host.options.events ?? EPOLLIN,
      ready: () => {
        const times = counter.read();
        if (times === null) return { detail: {}, next: 'standing' };
        return { detail: { signal: spec.signal, times: wholeNumber(times), via: 'process.on' }, next: 'drained' };
      },
      onClose: () => process.off(spec.signal, count),
    };
  });
}
