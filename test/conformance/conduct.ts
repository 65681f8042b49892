import { readdirSync, readSync, writeSync } from 'node:fs';
import { fcntl, F_SETFD, FD_CLOEXEC } from 'epoll-ts/sys';
import { channelFd, type ChildLine, type Job, type Outcome } from './outcome.ts';
import { endProcess } from './raw/syscall.ts';
import { Scenario } from './scenario.ts';
import { parseStep, type Step } from './step.ts';

// Of the 60 seconds that an entry may take, its threads get the last 10.
const stuckShare = 6;

/** Carries out one entry in the calling thread, tells the runner what became of it, and ends the process. */
export async function conduct(job: Job): Promise<void> {
  // A process that the scenario starts must not keep the channel open.
  fcntl(channelFd, F_SETFD, FD_CLOEXEC);
  send({ kind: 'outcome', outcome: await outcomeOf(job) });
  // Threads may be blocked for ever in a system call; process.exit() would wait for them.
  endProcess(0);
}

async function outcomeOf({ entry, directory, limitMs }: Job): Promise<Outcome> {
  const scenario = await Scenario.prepare(entry, directory);
  if (needsQuietThreads(entry.setup.map(parseStep))) {
    const problem = quietOtherThreads(scenario.threadIds);
    if (problem !== '') {
      return { kind: 'skipped', reason: `Node's own threads would take a signal sent to the process: ${problem}` };
    }
  }
  try {
    const failures = scenario.run(limitMs / stuckShare);
    return failures.length === 0 ? { kind: 'passed' } : { kind: 'failed', failures };
  } finally {
    scenario.killProcesses();
  }
}

/**
 * Whether a step sends a signal to the whole process. The kernel gives it to any thread that does not block it; in Node
 * these are the threads of V8 and libuv, where it ends the process instead of waiting for the scenario.
 */
export function needsQuietThreads(steps: readonly Step[]): boolean {
  const calls = steps.flatMap((step) => step.calls);
  const uses = (verb: string): boolean => calls.some((call) => call.verb === verb);
  const toItself = calls.some(
    ({ verb, words }) =>
      (verb === 'signal' && words[0] === 'proc') ||
      (verb === 'pidfd_open' && words[1] !== undefined && /^(self|main|T\w*)$/.test(words[1]) && uses('pidfd_signal')),
  );
  return toItself || uses('sigqueue') || (uses('spawn') && (uses('block') || uses('handler')));
}

// A thread can change no mask but its own, and V8 offers no way to run code in its threads. The runner, as the parent,
// may trace this process and set them.
function quietOtherThreads(own: readonly number[]): string {
  const threads = readdirSync('/proc/self/task')
    .map(Number)
    .filter((tid) => !own.includes(tid) && tid !== process.pid);
  send({ kind: 'block', threads });
  return receiveLine();
}

function send(line: ChildLine): void {
  writeSync(channelFd, `${JSON.stringify(line)}\n`);
}

function receiveLine(): string {
  const byte = Buffer.alloc(1);
  let text = '';
  while (readSync(channelFd, byte) === 1) {
    if (byte.toString() === '\n') return text;
    text += byte.toString();
  }
  return 'the runner did not answer';
}
