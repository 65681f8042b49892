// The words of the step language that stand for numbers. They are written out here, not taken from the package under
// test: a wrong constant there must not be able to agree with itself.

const eventBits: ReadonlyMap<string, number> = new Map([
  ['IN', 0x1],
  ['PRI', 0x2],
  ['OUT', 0x4],
  ['ERR', 0x8],
  ['HUP', 0x10],
  ['NVAL', 0x20],
  ['RDNORM', 0x40],
  ['RDBAND', 0x80],
  ['WRNORM', 0x100],
  ['WRBAND', 0x200],
  ['MSG', 0x400],
  ['RDHUP', 0x2000],
  ['EXCLUSIVE', 0x10000000],
  ['WAKEUP', 0x20000000],
  ['ONESHOT', 0x40000000],
  ['ET', 0x80000000],
  ['0', 0],
  ['none', 0],
]);

const openFlags: ReadonlyMap<string, number> = new Map([
  ['0', 0],
  ['CLOEXEC', 0o2000000],
  ['NONBLOCK', 0o4000],
  ['SEMAPHORE', 1],
  ['ABSTIME', 1],
  ['CANCEL_ON_SET', 2],
  ['PIDFD_NONBLOCK', 0o4000],
  ['THREAD', 0o200],
]);

const clocks: ReadonlyMap<string, number> = new Map([
  ['REALTIME', 0],
  ['MONOTONIC', 1],
  ['PROCESS_CPUTIME', 2],
  ['MONOTONIC_RAW', 4],
  ['BOOTTIME', 7],
  ['REALTIME_ALARM', 8],
  ['BOOTTIME_ALARM', 9],
]);

const inotifyBits: ReadonlyMap<string, number> = new Map([
  ['ACCESS', 0x1],
  ['MODIFY', 0x2],
  ['ATTRIB', 0x4],
  ['CLOSE_WRITE', 0x8],
  ['CLOSE_NOWRITE', 0x10],
  ['OPEN', 0x20],
  ['MOVED_FROM', 0x40],
  ['MOVED_TO', 0x80],
  ['CREATE', 0x100],
  ['DELETE', 0x200],
  ['DELETE_SELF', 0x400],
  ['MOVE_SELF', 0x800],
  ['UNMOUNT', 0x2000],
  ['Q_OVERFLOW', 0x4000],
  ['IGNORED', 0x8000],
  ['ONLYDIR', 0x01000000],
  ['DONT_FOLLOW', 0x02000000],
  ['EXCL_UNLINK', 0x04000000],
  ['MASK_CREATE', 0x10000000],
  ['MASK_ADD', 0x20000000],
  ['ISDIR', 0x40000000],
  ['ONESHOT', 0x80000000],
]);
const inotifyWords: ReadonlyMap<string, number> = new Map([...inotifyBits, ['ALL_EVENTS', 0xfff]]);

/** A number of the step language: decimal, 0x, 0o or 0b, with a sign. @throws {SyntaxError} for anything else. */
export function parseInteger(text: string): bigint {
  const [, sign = '', digits] = /^([+-]?)(\d+|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.exec(text) ?? [];
  if (digits === undefined) throw new SyntaxError(`'${text}' is not a number`);
  return sign === '-' ? -BigInt(digits) : BigInt(digits);
}

/** As C takes a number for an int parameter: the low 32 bits, signed. */
export function int32(text: string): number {
  return Number(BigInt.asIntN(32, parseInteger(text)));
}

function combine(text: string, words: ReadonlyMap<string, number>): bigint {
  let sum = 0n;
  for (const word of text.split('|')) sum |= BigInt(words.get(word) ?? parseInteger(word));
  return sum;
}

function names(mask: number, words: ReadonlyMap<string, number>): string {
  const found: string[] = [];
  let rest = mask >>> 0;
  for (const [name, bit] of words) {
    if ((rest & bit) === 0) continue;
    found.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0) found.push(`0x${rest.toString(16)}`);
  return found.join('|');
}

/** An event mask, `IN|ET` or `0x5`, as an unsigned number. */
export function parseEvents(text: string): number {
  return Number(BigInt.asUintN(32, combine(text, eventBits)));
}

/** The words of an event mask; `0` for none. */
export function eventWords(mask: number): string {
  return names(mask, eventBits) || '0';
}

/** Flags of the calls that make or set a descriptor, as a C int. */
export function parseFlags(text: string): number {
  return Number(BigInt.asIntN(32, combine(text, openFlags)));
}

/** A clock's number. */
export function parseClock(text: string): number {
  return clocks.get(text) ?? int32(text);
}

/** An inotify mask, as an unsigned number. */
export function parseInotifyMask(text: string): number {
  return Number(BigInt.asUintN(32, combine(text, inotifyWords)));
}

/** The words of an inotify mask. */
export function inotifyMaskWords(mask: number): string {
  return names(mask, inotifyBits);
}

/** A duration in nanoseconds: `5ms`, `100us`, `1s`, `1ns`; a bare number is milliseconds. */
export function parseDurationNs(text: string): number {
  const [, amount, unit = 'ms'] = /^(-?\d*\.?\d+)(ns|us|ms|s)?$/.exec(text) ?? [];
  if (amount === undefined) throw new SyntaxError(`'${text}' is not a duration`);
  const scale = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[unit] ?? Number.NaN;
  return Math.round(Number(amount) * scale);
}
