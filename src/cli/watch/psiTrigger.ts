import type { PressureResource, PressureShare } from '../../index.ts';
import { parseDuration } from './duration.ts';
import type { PsiTrigger } from './sourceSpec.ts';

/** What a trigger can be for. Interrupts (`irq`) have `full` only. */
export const pressureResources = ['cpu', 'memory', 'io', 'irq'] as const;
export const pressureShares = ['some', 'full'] as const;

/** Reads `cpu:some:100ms/2s`; null where the kernel has no such trigger. */
export function parsePsi(text: string): PsiTrigger | null {
  const [, resource = '', share = '', stall = '', window = ''] = /^(\w+):(\w+):([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (!isResource(resource) || !isShare(share) || (resource === 'irq' && share === 'some')) return null;
  const stallUs = microseconds(stall);
  const windowUs = microseconds(window);
  // WINDOW_MIN_US and WINDOW_MAX_US in kernel/sched/psi.c.
  if (stallUs === null || windowUs === null || windowUs < 500_000 || windowUs > 10_000_000 || stallUs > windowUs)
    return null;
  return { resource, share, stallMs: stallUs / 1000, windowMs: windowUs / 1000 };
}

function isResource(text: string): text is PressureResource {
  return (pressureResources as readonly string[]).includes(text);
}

function isShare(text: string): text is PressureShare {
  return (pressureShares as readonly string[]).includes(text);
}

function microseconds(text: string): number | null {
  const ns = parseDuration(text);
  return ns === null || ns % 1_000n !== 0n ? null : Number(ns / 1_000n);
}

/**
 * The pressures in a PSI file's line of that share: `{ avg10: 1.5, avg60: 0.2, avg300: 0, total: 123 }`, total in µs.
 */
export function readPressure(file: string, share: string): Record<string, number> {
  const line = file.split('\n').find((row) => row.startsWith(`${share} `)) ?? '';
  return Object.fromEntries([...line.matchAll(/(\w+)=([\d.]+)/g)].map(([, key = '', value]) => [key, Number(value)]));
}
