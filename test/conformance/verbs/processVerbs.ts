import { fcntl, F_GETFD, pidfd_getfd, pidfd_open, pidfd_send_signal } from 'epoll-ts/sys';
import { answered, must, opened, uninterrupted } from '../answer.ts';
import { spawnShell } from '../raw/spawn.ts';
import { syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, type Rig, type Verbs } from '../rig.ts';
import { parseSignal, signalWord } from '../signals.ts';
import type { NameBoard } from '../nameBoard.ts';
import { StepError, type StepResult } from '../stepResult.ts';
import { int32, parseDurationNs, parseFlags } from '../vocabulary.ts';

const pPid = 1;
const pPidfd = 3;
const waitOptions: ReadonlyMap<string, number> = new Map([
  ['NOHANG', 1],
  ['STOPPED', 2],
  ['EXITED', 4],
  ['CONTINUED', 8],
  ['NOWAIT', 0x01000000],
]);
// si_code of SIGCHLD.
const childStates: ReadonlyMap<number, string> = new Map([
  [0, 'none'],
  [1, 'CLD_EXITED'],
  [2, 'CLD_KILLED'],
  [5, 'CLD_STOPPED'],
  [6, 'CLD_CONTINUED'],
]);
const siginfoBytes = 128;

/** Child processes and pidfds. */
export const processVerbs: Verbs = {
  spawn: (call, { names }) => {
    const descriptors = names.entries('fd').map(([, fd]) => Number(fd));
    const open = [...new Set(descriptors)].filter((fd) => fd >= 0 && fcntl(fd, F_GETFD) >= 0);
    names.set('process', call.word(0), spawnShell(shellCommand(call), open));
    return { ret: 'pid' };
  },
  zombie: (call, { names }) => {
    const pid = names.number('process', call.word(0));
    const options = (waitOptions.get('EXITED') ?? 0) | (waitOptions.get('NOWAIT') ?? 0);
    must(
      uninterrupted(() => syscall('waitid', pPid, pid, new Uint8Array(siginfoBytes), options, null)),
      'waitid',
    );
    return { ret: 0 };
  },
  reap: (call, { names }) => {
    const status = new Int32Array(1);
    const pid = names.number('process', call.word(0));
    must(
      uninterrupted(() => syscall('wait4', pid, status, 0, null)),
      'waitpid',
    );
    const [word = 0] = status;
    const signal = word & 0x7f;
    return { ret: 0, value: signal === 0 ? `exit=${(word >> 8) & 0xff}` : `signal=${signalWord(signal)}` };
  },
  kill: (call, { names }) => {
    must(syscall('kill', names.number('process', call.word(0)), parseSignal(call.word(1))), 'kill');
    return { ret: 0 };
  },
  pidfd_open: (call, { names }) =>
    opened(
      names,
      call.word(0),
      pidfd_open(processId(names, call.word(1)), parseFlags(call.option('flags') ?? '0') >>> 0),
    ),
  pidfd_signal: sendSignal,
  pidfd_getfd: (call, { names }) => {
    const [pidfd, target] = [descriptor(names, call.word(1)), descriptor(names, call.word(2))];
    const flags = parseFlags(call.option('flags') ?? '0') >>> 0;
    return opened(names, call.word(0), pidfd_getfd(pidfd, target, flags));
  },
  waitid: waitId,
};

function shellCommand(call: Operands): string {
  const seconds = (text: string): string => String(parseDurationNs(text) / 1e9);
  const exit = call.option('exit');
  if (exit !== undefined) return `exit ${int32(exit)}`;
  const exitAfter = call.option('exit_after');
  if (exitAfter !== undefined) return `sleep ${seconds(exitAfter)}; exit 0`;
  switch (call.word(1)) {
    case 'sleep':
      // Longer than any scenario may take, and no longer: nothing is left behind where even the runner was killed.
      return 'exec sleep 100';
    case 'stop_then_exit':
      return 'kill -STOP $$; exit 0';
    case 'stop_twice':
      return 'kill -STOP $$; sleep 0.3; kill -STOP $$; exit 0';
    default:
      throw new StepError(`${call.word(1)} is not a kind of process`);
  }
}

function processId(names: NameBoard, text: string): number {
  if (text === 'self') return process.pid;
  const named = names.get('process', text) ?? names.get('thread', text);
  return typeof named === 'number' ? named : int32(text);
}

function sendSignal(call: Operands, { names }: Rig): StepResult {
  const pidfd = descriptor(names, call.word(0));
  const signal = parseSignal(call.word(1));
  const flags = parseFlags(call.option('flags') ?? '0') >>> 0;
  const siSigno = call.option('si_signo');
  if (siSigno === undefined) return answered(pidfd_send_signal(pidfd, signal, flags));
  // epoll-ts/sys sends no siginfo of its own.
  const info = Buffer.alloc(siginfoBytes);
  info.writeInt32LE(parseSignal(siSigno), 0);
  info.writeInt32LE(int32(call.option('si_code') ?? '-1'), 8);
  return answered(syscall('pidfd_send_signal', pidfd, signal, info, flags));
}

function waitId(call: Operands, { names }: Rig): StepResult {
  const options = call
    .word(1)
    .split('|')
    .reduce((sum, word) => {
      const option = waitOptions.get(word);
      if (option === undefined) throw new StepError(`${word} is not an option of waitid`);
      return sum | option;
    }, 0);
  const info = Buffer.alloc(siginfoBytes);
  const answer = syscall('waitid', pPidfd, descriptor(names, call.word(0)), info, options, null);
  if (answer < 0) return answered(answer);
  const code = info.readInt32LE(8);
  return { ret: answer, value: childStates.get(code) ?? String(code), status: info.readInt32LE(24) };
}
