import { TimerFd } from '../../../index.ts';
import { EPOLLIN } from '../../../sys/index.ts';
import { wholeNumber } from '../event.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { TimerSpec } from '../sourceSpec.ts';

/** `timer:100ms`: a timerfd that expires over and over. */
export function openTimer(spec: TimerSpec, host: Host): Source {
  return openedSource(spec, host, new TimerFd(), (timer) => {
    timer.set({ everyNs: spec.everyNs });
    return {
      events: host.options.events ?? EPOLLIN,
      ready: () => {
        const expirations = timer.read();
        if (expirations === null) return { detail: {}, next: 'standing' };
        return { detail: { expirations: wholeNumber(expirations) }, next: 'drained' };
      },
    };
  });
}
