import { parseDuration } from './duration.ts';
import type { PsiTrigger } from './sourceSpec.ts';

/** Reads `cpu:some:100ms/1s`; null where the kernel has no such trigger. */
export function parsePsi(text: string): PsiTrigger | null {
  const [, resource = '', share = '', stall = '', window = ''] =
    /^(cpu|memory|io|irq):(some|full):([^/]+)\/([^/]+)$/.exec(text) ?? [];
  const stallUs = microseconds(stall);
  const windowUs = microseconds(window);
  // WINDOW_MIN_US and WINDOW_MAX_US in kernel/sched/psi.c.
  if (stallUs === null || windowUs === null || windowUs < 500_000 || windowUs > 10_000_000 || stallUs > windowUs)
    return null;
  return { resource, share, stallUs, windowUs };
}

function microseconds(text: string): number | null {
  const ns = parseDuration(text);
  return ns === null || ns % 1_000n !== 0n ? null : Number(ns / 1_000n);
}

/** The pressures in a PSI file's line of that share: `{ avg10: 1.5, avg60: 0.2, avg300: 0, total: 123 }`, total in µs. */
export function readPressure(file: string, share: string): Record<string, number> {
  const line = file.split('\n').find((row) => row.startsWith(`${share} `)) ?? '';
  return Object.fromEntries([...line.matchAll(/(\w+)=([\d.]+)/g)].map(([, key = '', value]) => [key, Number(value)]));
}
