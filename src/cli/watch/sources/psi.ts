import { readSync } from 'node:fs';
import {
  EBUSY,
  EINVAL,
  ENOENT,
  EOPNOTSUPP,
  EPOLLERR,
  EPOLLPRI,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  open,
  write,
} from '../../../sys/index.ts';
import { answered, Descriptor } from '../descriptor.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import { readPressure } from '../psiTrigger.ts';
import type { PsiSpec } from '../sourceSpec.ts';

/** `psi:cpu:some:100ms/1s`: EPOLLPRI when tasks were stalled for that long within the window, once per window at most. */
export function openPsi(spec: PsiSpec, host: Host): Source {
  const { resource, share, stallUs, windowUs } = spec.trigger;
  const path = `/proc/pressure/${resource}`;
  const fd = answered(
    open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC),
    'open',
    { path },
    'the kernel must have CONFIG_PSI and psi=1',
  );
  return openedSource(spec, host, new Descriptor(fd), () => {
    // The NUL is part of what the kernel wants.
    const answer = write(fd, Buffer.from(`${share} ${stallUs} ${windowUs}\0`));
    answered(answer, 'write', { path }, advice(answer, spec));
    return {
      events: host.options.events ?? EPOLLPRI,
      ready: (mask) => ({
        detail: { [share]: readPressure(readWhole(fd), share) },
        // Polling a trigger takes its event, so it never stands; EPOLLERR comes when its cgroup is gone.
        next: (mask & EPOLLERR) === 0 && (mask & EPOLLPRI) !== 0 ? 'drained' : 'standing',
      }),
    };
  });
}

function readWhole(fd: number): string {
  const buffer = Buffer.alloc(4096);
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, 0));
}

function advice(answer: number, { trigger }: PsiSpec): string {
  switch (-answer) {
    case EINVAL:
      return `without CAP_SYS_RESOURCE the window must be a multiple of 2s: for example psi:${trigger.resource}:${trigger.share}:100ms/2s`;
    case EBUSY:
      return 'this descriptor has a trigger already';
    case EOPNOTSUPP:
    case ENOENT:
      return 'pressure stall information is off: boot with psi=1';
    default:
      return '';
  }
}
