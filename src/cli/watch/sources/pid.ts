import { PidFd } from '../../../index.ts';
import { EPOLLIN } from '../../../sys/index.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { PidSpec } from '../sourceSpec.ts';

/** `pid:N`: readable when the process ends, which is its last event. The exit status is its parent's to read. */
export function openPid(spec: PidSpec, host: Host): Source {
  return openedSource(spec, host, new PidFd(spec.pid), (process) => ({
    events: host.options.events ?? EPOLLIN,
    ready: () => {
      const { pid, exited } = process;
      return { detail: { pid, exited }, next: exited ? 'end' : 'standing' };
    },
  }));
}
