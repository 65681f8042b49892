import type { InspectedEntry } from '../../inspect/index.ts';
import { targetText } from '../../inspect/findings/targetText.ts';
import { EPOLLERR, EPOLLET, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLONESHOT, EPOLLWAKEUP, eventNames } from '../../sys/index.ts';
import { escapeText } from '../escape.ts';
import type { Column } from './textTable.ts';

/** The columns of an interest list. */
export const entryColumns: readonly Column[] = [
  { title: 'FD', align: 'right' },
  { title: 'WHAT', shrinks: true },
  { title: 'EVENTS' },
  { title: 'TRIGGER' },
  { title: 'DATA' },
  { title: 'STATE' },
  { title: 'READY' },
];

/** An entry as the cells of these columns. */
export function entryRow(entry: InspectedEntry): string[] {
  return [
    String(entry.fd),
    escapeText(targetText(entry.target)),
    // ERR and HUP are in every mask, and the trigger has a column of its own.
    shortNames(entry.events & ~(EPOLLERR | EPOLLHUP | EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)),
    triggerText(entry),
    entry.data.replace(/^0x0+(?=.)/, '0x'),
    stateText(entry),
    readyText(entry),
  ];
}

/** What is ready by short names, or why it is not known. */
export function readyText({ ready, armed, condition, notPolled }: InspectedEntry): string {
  if (notPolled === 'permission') return '?';
  if (notPolled !== null) return `? (${notPolled})`;
  if (!armed && condition !== null && condition !== 0) return `- (${shortNames(condition)})`;
  return ready === null || ready === 0 ? '-' : shortNames(ready);
}

/** Whether the entry is armed, disarmed or a ghost. */
export function stateText({ armed, ghost, now }: InspectedEntry): string {
  const state = armed ? 'armed' : 'disarmed';
  if (ghost === null) return `${state}, ghost?`;
  return ghost ? `ghost (${now === null ? 'fd closed' : 'fd reused'})` : state;
}

function triggerText({ trigger, events }: InspectedEntry): string {
  const extra = [(events & EPOLLEXCLUSIVE) === 0 ? '' : ' exclusive', (events & EPOLLWAKEUP) === 0 ? '' : ' wakeup'];
  return `${trigger}${extra.join('')}`;
}

function shortNames(mask: number): string {
  return mask === 0
    ? '-'
    : eventNames(mask >>> 0)
        .map((name) => name.replace(/^EPOLL/, ''))
        .join('|');
}
