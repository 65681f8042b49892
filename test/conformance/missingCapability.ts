import { readFileSync } from 'node:fs';
import type { Call, Step } from './step.ts';

/** Who may do what the step does. The catalogue's answers are those that root gets. */
interface Need {
  readonly capability: string;
  /** Its number in linux/capability.h. */
  readonly bit: bigint;
  readonly of: (call: Call) => boolean;
}

const opens =
  (...kinds: readonly string[]): Need['of'] =>
  ({ verb, words: [, kind = ''] }) =>
    verb === 'open' && kinds.includes(kind);
// Above this the kernel wants the right to slow down others (fs/eventpoll.c, ep_eventpoll_bp_ioctl).
const freeBudget = 64;

const needs: readonly Need[] = [
  {
    capability: 'CAP_NET_ADMIN',
    bit: 12n,
    of: ({ verb, options }) => verb === 'busyset' && Number(options.get('budget') ?? 0) > freeBudget,
  },
  { capability: 'CAP_SYS_PTRACE', bit: 19n, of: opens('userfaultfd') },
  { capability: 'CAP_SYS_ADMIN', bit: 21n, of: opens('fanotify', 'fsopen', 'open_tree') },
  {
    capability: 'CAP_WAKE_ALARM',
    bit: 35n,
    of: ({ verb, options }) => verb === 'timerfd' && (options.get('clock') ?? '').endsWith('_ALARM'),
  },
];

/** Why this process may not run a scenario; undefined: it may. */
export function missingCapability(
  steps: readonly Step[],
  effective: bigint = effectiveCapabilities(),
): string | undefined {
  for (const call of steps.flatMap((step) => step.calls)) {
    const missing = needs.find((need) => need.of(call) && ((effective >> need.bit) & 1n) === 0n);
    if (missing !== undefined) return `step \`${call.text}\` needs ${missing.capability}`;
  }
  return undefined;
}

function effectiveCapabilities(): bigint {
  const [, mask] = /^CapEff:\s*([\da-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (mask === undefined) throw new Error('Cannot read the capabilities of this process from /proc/self/status');
  return BigInt(`0x${mask}`);
}
