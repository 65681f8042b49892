import { constants } from 'node:os';
import { SignalSet } from 'epoll-ts/sys';
import { StepError } from './stepResult.ts';

const numbers: ReadonlyMap<string, number> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [name.slice('SIG'.length), number]),
);
const firstRealTime = 34;
const lastRealTime = 64;

/** A signal's number: `USR1`, `RTMIN`, `RTMAX` or digits. */
export function parseSignal(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === 'RTMIN') return firstRealTime;
  if (text === 'RTMAX') return lastRealTime;
  const number = numbers.get(text);
  if (number === undefined) throw new StepError(`${text} is not a signal`);
  return number;
}

/** A signal's name as the language prints it; real-time signals by number. */
export function signalWord(signal: number): string {
  if (signal >= firstRealTime) return String(signal);
  // Of two names for one number (IO and POLL, ABRT and IOT) the first in the alphabet.
  const [word] = [...numbers]
    .filter(([, number]) => number === signal)
    .map(([name]) => name)
    .sort();
  return word ?? String(signal);
}

function members(text: string): number[] {
  return text === '' || text === 'none' || text === 'empty' ? [] : text.split(',').map(parseSignal);
}

/** A set of signals, `USR1,USR2`, `empty` or `none`. */
export function parseSignalSet(text: string): SignalSet {
  return new SignalSet(members(text));
}

/** The same as the kernel's 8 bytes, made without the package under test. */
export function signalSetBits(text: string): BigUint64Array {
  return BigUint64Array.of(members(text).reduce((bits, signal) => bits | (1n << BigInt(signal - 1)), 0n));
}
