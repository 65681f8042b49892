import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatInotifyMask, type Inotify, type InotifyEvent } from 'epoll-ts';

/** A folder that is removed with everything in it when it is disposed. */
export interface Folder extends Disposable {
  readonly path: string;
  /** The path of a file in it. */
  file(name: string): string;
}

/** A folder of its own for a test. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'epoll-ts-inotify-'));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/** All that is queued. */
export function drainInotify(inotify: Inotify): InotifyEvent[] {
  const all: InotifyEvent[] = [];
  for (let events; (events = inotify.read()) !== null;) all.push(...events);
  return all;
}

/** Name and mask of each event. */
export function eventLines(events: readonly InotifyEvent[]): string[] {
  return events.map(({ name, mask }) => `${name} ${formatInotifyMask(mask)}`.trim());
}
