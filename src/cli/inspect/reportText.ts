import type { EpollInstance, Finding, ProcessSnapshot } from '../../inspect/index.ts';
import { escapeText } from '../escape.ts';
import { entryColumns, entryRow } from './entryRow.ts';
import { nestingTree } from './nestingTree.ts';
import type { Paint } from './paint.ts';
import type { Report } from './report.ts';
import { textTable } from './textTable.ts';

/** How reports look. */
export interface Look {
  readonly paint: Paint;
  /** Characters in a line of the terminal; Infinity where it is none. */
  readonly width: number;
}

/** A report for a person, as lines. */
export function reportLines({ snapshot, findings }: Report, look: Look): string[] {
  const { instances, missing } = snapshot;
  const lines = [look.paint('bold', processTitle(snapshot))];
  if (instances.length === 0) lines.push('  no epoll instance');
  for (const instance of instances) lines.push('', ...instanceLines(instance, look));
  const tree = nestingTree(instances);
  if (tree.length > 0) lines.push('', '  nesting', ...tree.map((line) => `    ${line}`));
  lines.push(
    '',
    findings.length === 0
      ? look.paint('green', '  no findings')
      : look.paint('yellow', `  ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`),
  );
  for (const finding of findings) lines.push(...findingLines(finding, look));
  for (const { text } of missing) lines.push(look.paint('dim', `  not seen: ${escapeText(text)}`));
  return lines;
}

/** A process by pid, name, user and command line, in one line. */
export function processTitle({ pid, name, uid, command, threads }: ProcessSnapshot): string {
  const words = command === '' ? '' : `  ${escapeText(command.length > 80 ? `${command.slice(0, 79)}…` : command)}`;
  return `${escapeText(name)}(${pid})  user ${uid ?? '?'}  threads ${threads.length}${words}`;
}

function instanceLines(instance: EpollInstance, { paint, width }: Look): string[] {
  const { fds, entries, sharedWith, closeOnExec } = instance;
  const shared = (sharedWith ?? []).map(
    ({ relation, name, pid, fd }) =>
      `${relation === 'other' ? '' : `${relation} `}${escapeText(name)}(${pid}) fd ${fd}`,
  );
  const facts = [
    `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}`,
    ...(closeOnExec ? [] : ['not close-on-exec']),
    ...(shared.length === 0 ? [] : [`shared with ${shared.join(', ')}`]),
    ...(sharedWith === null ? ['shared with: not known'] : []),
  ];
  const title = `  ${paint('cyan', `epoll fd ${fds.join(' = ')}`)}  ${facts.join(', ')}`;
  if (entries.length === 0) return [title];
  const [head = '', ...rows] = textTable(
    entryColumns,
    entries.map((entry) => entryRow(entry)),
    width - 4,
  );
  return [
    title,
    `    ${paint('dim', head)}`,
    ...rows.map((row, index) => `    ${rowColour(row, entries[index], paint)}`),
  ];
}

function rowColour(row: string, entry: EpollInstance['entries'][number] | undefined, paint: Paint): string {
  if (entry?.ghost === true) return paint('red', row);
  return entry?.armed === false ? paint('yellow', row) : row;
}

function findingLines({ code, epfd, fd, evidence, why, advice }: Finding, { paint }: Look): string[] {
  const where = [epfd === null ? '' : `epoll fd ${epfd}`, fd === null ? '' : `fd ${fd}`]
    .filter((part) => part !== '')
    .join(', ');
  return [
    `    ${paint('yellow', code)}${where === '' ? '' : `  ${where}`}`,
    `      seen: ${escapeText(evidence)}`,
    `      why:  ${escapeText(why)}`,
    `      do:   ${escapeText(advice)}`,
  ];
}
