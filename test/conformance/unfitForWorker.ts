import type { Step } from './step.ts';

// Linux lets a process send itself a siginfo that claims to come from the kernel or from tgkill(2), but compares the
// *thread* with the process (`task_pid(current) != pid` in pidfd_send_signal, kernel/signal.c): only its main thread
// may.
const ownSiginfo = 'the kernel takes such a siginfo for the process itself from its main thread only';

/** Why a scenario's own steps can't run in a worker thread; undefined: they can. */
export function unfitForWorker(steps: readonly Step[]): string | undefined {
  const calls = steps.flatMap((step) => step.calls);
  const own = calls
    .filter(({ verb, words }) => verb === 'pidfd_open' && words[1] === 'self')
    .map(({ words }) => words[0]);
  const forged = calls.find(({ verb, words, options }) => {
    const code = Number(options.get('si_code') ?? -1);
    return verb === 'pidfd_signal' && own.includes(words[0]) && options.has('si_signo') && (code >= 0 || code === -6);
  });
  return forged === undefined ? undefined : `step \`${forged.text}\`: ${ownSiginfo}`;
}
