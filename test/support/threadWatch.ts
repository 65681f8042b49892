import { readFileSync } from 'node:fs';

/** One line of a thread's `/proc/self/task/TID/status`. */
function field(tid: number, name: string): string {
  const text = readFileSync(`/proc/self/task/${tid}/status`, 'utf8');
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
}

/** Whether a thread of this process blocks a signal. */
export function blocks(tid: number, signal: number): boolean {
  return ((BigInt(`0x${field(tid, 'SigBlk')}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Whether a signal that was sent to a thread of this process is pending there. */
export function pending(tid: number, signal: number): boolean {
  return ((BigInt(`0x${field(tid, 'SigPnd')}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Whether a thread of this process is inside a wait of the kernel. */
export function sleeps(tid: number): boolean {
  return field(tid, 'State').startsWith('S');
}
