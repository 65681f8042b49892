import {
  decodeInotifyEvents,
  EAGAIN,
  inotify_add_watch,
  inotify_init1,
  inotify_rm_watch,
  type InotifyRecord,
  read,
} from 'epoll-ts/sys';
import { answered, opened, uninterrupted } from '../answer.ts';
import { syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, pathOf, type Rig, type Verbs } from '../rig.ts';
import type { InotifyWords, StepResult } from '../stepResult.ts';
import { int32, inotifyMaskWords, parseFlags, parseInotifyMask } from '../vocabulary.ts';

/** Watches on files. */
export const inotifyVerbs: Verbs = {
  inotify: (call, { names }) => opened(names, call.word(0), inotify_init1(parseFlags(call.option('flags') ?? '0'))),
  addwatch: addWatch,
  rmwatch: (call, { names }) => {
    const watch = names.get('watch', call.word(1));
    const wd = typeof watch === 'number' ? watch : int32(call.word(1));
    return answered(inotify_rm_watch(descriptor(names, call.word(0)), wd));
  },
  readevents: readEvents,
};

function addWatch(call: Operands, rig: Rig): StepResult {
  const fd = descriptor(rig.names, call.word(0));
  const name = call.word(1);
  const path = call.word(2);
  const mask = parseInotifyMask(call.word(3));
  // epoll-ts/sys takes no null for a path.
  const wd =
    path === 'NULL' ? syscall('inotify_add_watch', fd, null, mask) : inotify_add_watch(fd, pathOf(rig, path), mask);
  if (wd < 0) return answered(wd);
  if (rig.names.get('watch', name) === undefined) rig.names.set('watch', name, wd);
  return { ret: 'wd', value: watchName(rig, wd) ?? name };
}

function watchName({ names }: Rig, wd: number): string | undefined {
  return names.entries('watch').find(([, number]) => number === wd)?.[0];
}

function readEvents(call: Operands, rig: Rig): StepResult {
  const fd = descriptor(rig.names, call.word(0));
  const buffer = new Uint8Array(int32(call.option('bytes') ?? '8192'));
  const records: InotifyRecord[] = [];
  do {
    const length = uninterrupted(() => read(fd, buffer));
    if (length === -EAGAIN) break;
    if (length < 0) return answered(length);
    records.push(...decodeInotifyEvents(buffer.subarray(0, length)));
  } while (!call.has('once'));
  const inotify = records.map(({ wd, mask, name }): InotifyWords => [
    watchName(rig, wd) ?? String(wd),
    inotifyMaskWords(mask),
    Buffer.from(name).toString('utf8'),
  ]);
  return { ret: records.length, inotify, cookies: records.map(({ cookie }) => cookie) };
}
