import { formatInotifyMask, Inotify, type InotifyEvent } from '../../../index.ts';
import {
  EPOLLET,
  EPOLLIN,
  IN_ATTRIB,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_MODIFY,
  IN_MOVE,
  IN_MOVE_SELF,
} from '../../../sys/index.ts';
import type { Detail } from '../event.ts';
import type { Host, Source } from '../host.ts';
import { openedSource } from '../opened.ts';
import type { InotifySpec } from '../sourceSpec.ts';

// Changes. Not IN_OPEN, IN_ACCESS, IN_CLOSE_NOWRITE: whoever looks at the directory would make events by it.
const changes =
  IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MODIFY | IN_MOVE | IN_MOVE_SELF;

/** `inotify:PATH`: changes of a file, or of a directory and what is directly in it. */
export function openInotify(spec: InotifySpec, host: Host): Source {
  return openedSource(spec, host, new Inotify(), (inotify) => {
    inotify.watch(spec.path, changes);
    return {
      events: host.options.events ?? EPOLLIN,
      ready: () => {
        const events = takeAll(inotify, (host.options.trigger & EPOLLET) !== 0);
        const detail = { files: events.map(fileDetail) };
        // The last event of a watch: its file was deleted or unmounted.
        if (events.some(({ mask }) => (mask & IN_IGNORED) !== 0))
          return { detail: { ...detail, end: true }, next: 'end' };
        return { detail, next: events.length === 0 ? 'standing' : 'drained' };
      },
    };
  });
}

function takeAll(inotify: Inotify, drain: boolean): InotifyEvent[] {
  const all = inotify.read() ?? [];
  for (let more = drain ? inotify.read() : null; more !== null; more = inotify.read()) all.push(...more);
  return all;
}

/** One inotify event as it is shown. */
export function fileDetail({ name, mask, cookie }: Pick<InotifyEvent, 'name' | 'mask' | 'cookie'>): Detail {
  return { name, mask: formatInotifyMask(mask).split('|'), ...(cookie === 0 ? {} : { cookie }) };
}
