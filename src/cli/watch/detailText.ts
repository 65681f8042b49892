import { escapeText } from '../escape.ts';
import type { Detail, DetailValue } from './event.ts';

const shown = 60;

type Phrase = (value: DetailValue, detail: Detail) => string;

// What a person reads for each name of `detail`; the others are shown as `name value`.
const phrases: Readonly<Record<string, Phrase>> = {
  peer: (value) => plain(value),
  from: (value) => `from ${plain(value)}`,
  accepted: (value) => `accepted ${plain(value) || 'nobody'}`,
  datagrams: (value) =>
    list(value)
      .map((each) => detailText(record(each)))
      .join('; '),
  expirations: (value) => counted(value, 'expiration'),
  bytes: (value) => counted(value, 'byte'),
  text: (value, { bytes }) => quoted(value, bytes),
  hex: (value, { bytes }) =>
    `0x${cut(plain(value), shown)}${plain(value).length / 2 < Number(bytes) || plain(value).length > shown ? '…' : ''}`,
  files: (value) =>
    list(value)
      .map((each) => file(record(each)))
      .join('; '),
  end: () => 'end',
  exited: () => 'ended',
  times: (value) => (value === 1 ? '' : `${plain(value)} times`),
  via: (value) => `(${plain(value)})`,
};

/** `detail` as a person reads it: `127.0.0.1:50312 3 bytes "hi\n" end`. Safe on a terminal. */
export function detailText(detail: Detail): string {
  return Object.entries(detail)
    .map(([name, value]) => {
      const phrase = Object.hasOwn(phrases, name) ? phrases[name] : undefined;
      return phrase === undefined ? `${name} ${plain(value)}` : phrase(value, detail);
    })
    .filter((text) => text !== '')
    .join(' ');
}

function plain(value: DetailValue | undefined): string {
  if (typeof value !== 'object' || value === null) return escapeText(String(value));
  if (isList(value)) return value.map(plain).join(', ');
  return Object.entries(value)
    .map(([name, member]) => `${name}=${plain(member)}`)
    .join(' ');
}

function counted(value: DetailValue, unit: string): string {
  return `${plain(value)} ${unit}${value === 1 ? '' : 's'}`;
}

function quoted(value: DetailValue, bytes: DetailValue | undefined): string {
  const text = typeof value === 'string' ? value : '';
  const start = Array.from(text).slice(0, shown).join('');
  const more = start.length < text.length || Buffer.byteLength(text) < Number(bytes);
  return `"${escapeText(start).replaceAll('"', '\\"')}"${more ? '…' : ''}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text;
}

function file({ name, mask }: Detail): string {
  return [name === '' ? '' : plain(name), list(mask).map(plain).join('|')].filter((text) => text !== '').join(' ');
}

function list(value: DetailValue | undefined): readonly DetailValue[] {
  return isList(value) ? value : [];
}

// Array.isArray makes any[] of a readonly array.
function isList(value: DetailValue | undefined): value is readonly DetailValue[] {
  return Array.isArray(value);
}

function record(value: DetailValue): Detail {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {};
}
