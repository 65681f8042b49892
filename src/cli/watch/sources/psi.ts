import { readFileSync } from 'node:fs';
import { PressureStall } from '../../../index.ts';
import { EPOLLERR, EPOLLPRI } from '../../../sys/index.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { Outcome } from '../outcome.ts';
import { readPressure } from '../psiTrigger.ts';
import type { PsiSpec } from '../sourceSpec.ts';

/**
 * `psi:cpu:some:100ms/2s`: EPOLLPRI when tasks were stalled for that long within the window, once per window at most.
 */
export function openPsi(spec: PsiSpec, host: Host): Source {
  const { resource, share, stallMs, windowMs } = spec.trigger;
  const stall = new PressureStall(resource, { share, stallMs, windowMs });
  return openedSource(spec, host, stall, () => ({
    events: host.options.events ?? EPOLLPRI,
    ready: (mask): Outcome => {
      const report = stall.read();
      // The kernel was wrong: there was less stall than was asked for.
      if ((mask & EPOLLPRI) !== 0 && report === null) return { detail: null, next: 'drained' };
      const pressure = readPressure(readFileSync(stall.path, 'utf8'), share);
      return {
        detail: { [share]: pressure, ...(report === null ? {} : { stallMs: report.stallMs }) },
        // Polling a trigger takes its event, so it never stands; EPOLLERR comes when its cgroup is gone.
        next: (mask & EPOLLERR) === 0 && (mask & EPOLLPRI) !== 0 ? 'drained' : 'standing',
      };
    },
  }));
}
