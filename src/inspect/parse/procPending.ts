import { signalName } from '../../sys/index.ts';

/**
 * The signals that wait for a process, by name, of `/proc/PID/status`: those of its main thread and those of the
 * process.
 */
export function parseProcPending(text: string): ReadonlySet<string> | null {
  const masks = [...text.matchAll(/^(?:SigPnd|ShdPnd):\t([0-9a-f]+)$/gm)].map(([, digits]) => BigInt(`0x${digits}`));
  if (masks.length === 0) return null;
  const names = new Set<string>();
  for (let signal = 1; signal <= 64; signal++) {
    if (masks.some((mask) => ((mask >> BigInt(signal - 1)) & 1n) !== 0n)) names.add(signalName(signal));
  }
  return names;
}
