import type { Host, Source } from './host.ts';
import { openInherited } from './sources/inherited.ts';
import { openInotify } from './sources/inotify.ts';
import { openPath } from './sources/path.ts';
import { openPid } from './sources/pid.ts';
import { openPsi } from './sources/psi.ts';
import { openSignal } from './sources/signal.ts';
import { openTcp } from './sources/tcp.ts';
import { openTimer } from './sources/timer.ts';
import { openUdp } from './sources/udp.ts';
import { openUnix } from './sources/unix.ts';
import type { SourceSpec } from './sourceSpec.ts';

/**
 * Opens a source and begins to watch it.
 *
 * @throws {SystemError} when the kernel refuses. @throws {Error} of the resolver for an unknown host
 */
export function openSource(spec: SourceSpec, host: Host): Source | Promise<Source> {
  switch (spec.kind) {
    case 'stdin':
    case 'fd':
      return openInherited(spec, host);
    case 'timer':
      return openTimer(spec, host);
    case 'inotify':
      return openInotify(spec, host);
    case 'pid':
      return openPid(spec, host);
    case 'signal':
      return openSignal(spec, host);
    case 'psi':
      return openPsi(spec, host);
    case 'tcp':
      return openTcp(spec, host);
    case 'unix':
      return openUnix(spec, host);
    case 'udp':
      return openUdp(spec, host);
    case 'path':
      return openPath(spec, host);
  }
}
