import { isOpenKind, openVerbs } from './verbs/openVerb.ts';
import { dataVerbs } from './verbs/dataVerbs.ts';
import { descriptorVerbs } from './verbs/descriptorVerbs.ts';
import { epollVerbs } from './verbs/epollVerbs.ts';
import { fileVerbs } from './verbs/fileVerbs.ts';
import { inotifyVerbs } from './verbs/inotifyVerbs.ts';
import { processVerbs } from './verbs/processVerbs.ts';
import { signalVerbs } from './verbs/signalVerbs.ts';
import { socketVerbs } from './verbs/socketVerbs.ts';
import { threadVerbs } from './verbs/threadVerbs.ts';
import { timerVerbs } from './verbs/timerVerbs.ts';
import { waitVerbs } from './verbs/waitVerbs.ts';
import type { Verb, Verbs } from './rig.ts';
import type { Call } from './step.ts';

const families: readonly Verbs[] = [
  dataVerbs,
  descriptorVerbs,
  epollVerbs,
  fileVerbs,
  inotifyVerbs,
  openVerbs,
  processVerbs,
  signalVerbs,
  socketVerbs,
  threadVerbs,
  timerVerbs,
  waitVerbs,
];
const table: ReadonlyMap<string, Verb> = new Map(families.flatMap((family) => Object.entries(family)));

/**
 * The function that carries a call out; undefined where the rig can't, so that its entry is skipped and does not pass.
 */
export function verbOf(call: Call): Verb | undefined {
  const kind = call.words[1];
  if (call.verb === 'open' && kind !== undefined && !isOpenKind(kind)) return undefined;
  return table.get(call.verb);
}
