import { EPOLLERR, EPOLLHUP, EPOLLPRI, EPOLLRDHUP, eventNames, formatEvents } from '../../sys/index.ts';
import { escapeJson, escapeText } from '../escape.ts';
import { detailText } from './detailText.ts';
import type { WatchedEvent } from './event.ts';

/** How lines for a person look. */
export interface Look {
  readonly colour: boolean;
  /** Columns for the sources' names. */
  readonly nameWidth: number;
}

const flagsWidth = 'EPOLLIN|EPOLLRDHUP'.length;
const dim = 2;
const red = 31;
const green = 32;
const yellow = 33;
const magenta = 35;
const cyan = 36;

/** One event as one object on one line. */
export function jsonLine({ time, source, fd, mask, detail }: WatchedEvent): string {
  const object = { time: time.toISOString(), source, fd, mask, events: eventNames(mask), detail };
  return escapeJson(JSON.stringify(object));
}

/** One event as a line for a person: time, source, fd, flags by name, what was read. */
export function humanLine({ time, source, fd, mask, detail }: WatchedEvent, { colour, nameWidth }: Look): string {
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const columns = [
    paint(dim, clock(time)),
    paint(cyan, escapeText(source).padEnd(nameWidth)),
    paint(dim, `fd ${String(fd).padEnd(3)}`),
    paint(flagsColour(mask), formatEvents(mask).padEnd(flagsWidth)),
    detailText(detail),
  ];
  return columns.join('  ').trimEnd();
}

/** Whether to write colour: `NO_COLOR` and `FORCE_COLOR` decide before the terminal does. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

function flagsColour(mask: number): number {
  if ((mask & EPOLLERR) !== 0 && (mask & EPOLLPRI) === 0) return red;
  if ((mask & (EPOLLHUP | EPOLLRDHUP)) !== 0) return yellow;
  return (mask & EPOLLPRI) === 0 ? green : magenta;
}

function clock(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
}
