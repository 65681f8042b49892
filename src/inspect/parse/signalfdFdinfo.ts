import { signalName } from '../../sys/index.ts';
import type { SignalfdTarget } from '../target.ts';

/** Reads the fdinfo of a signalfd (Linux 3.8): the mask has bit 0 for signal 1. */
export function parseSignalfdFdinfo(text: string): SignalfdTarget {
  const digits = /^sigmask:\s*([0-9a-f]+)$/m.exec(text)?.[1];
  if (digits === undefined) return { kind: 'signalfd', signals: null };
  const mask = BigInt(`0x${digits}`);
  const signals: string[] = [];
  for (let signal = 1; signal <= 64; signal++) {
    if (((mask >> BigInt(signal - 1)) & 1n) !== 0n) signals.push(signalName(signal));
  }
  return { kind: 'signalfd', signals };
}
