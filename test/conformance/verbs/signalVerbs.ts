import {
  decodeSignalfdSiginfo,
  pthread_sigmask,
  read,
  SIG_BLOCK,
  SIG_UNBLOCK,
  signalfd,
  signalfdSiginfoSize,
  SignalSet,
  tgkill,
} from 'epoll-ts/sys';
import { answered, must, opened } from '../answer.ts';
import { installHandler, queueSignal } from '../raw/signalAction.ts';
import { syscall } from '../raw/syscall.ts';
import { descriptor, type Operands, type Rig, type Verbs } from '../rig.ts';
import { parseSignal, parseSignalSet, signalSetBits, signalWord } from '../signals.ts';
import type { StepResult } from '../stepResult.ts';
import { int32, parseFlags } from '../vocabulary.ts';

// The language prints a mask with these two by name, everything else with numbers.
const realTimeWords: ReadonlyMap<number, string> = new Map([
  [34, 'RTMIN'],
  [64, 'RTMAX'],
]);

/** Signals, their masks, and signalfds. */
export const signalVerbs: Verbs = {
  handler: (call) => {
    installHandler(parseSignal(call.word(0)), call.has('restart'));
    return { ret: 0 };
  },
  block: (call) => {
    must(pthread_sigmask(SIG_BLOCK, parseSignalSet(call.word(0))), 'pthread_sigmask');
    return { ret: 0 };
  },
  unblock: (call) => {
    must(pthread_sigmask(SIG_UNBLOCK, parseSignalSet(call.word(0))), 'pthread_sigmask');
    return { ret: 0 };
  },
  sigmask: () => {
    const set = new SignalSet();
    must(pthread_sigmask(SIG_BLOCK, null, set), 'pthread_sigmask');
    return { ret: 0, value: words(set.values(), (signal) => realTimeWords.get(signal) ?? signalWord(signal)) };
  },
  pending: () => {
    const bits = new BigUint64Array(1);
    must(syscall('rt_sigpending', bits, 8), 'sigpending');
    const [pending = 0n] = bits;
    const signals = Array.from({ length: 64 }, (_, index) => index + 1);
    return {
      ret: 0,
      value: words(
        signals.filter((signal) => ((pending >> BigInt(signal - 1)) & 1n) !== 0n),
        signalWord,
      ),
    };
  },
  signal: (call, { names }) => {
    const signal = parseSignal(call.word(1));
    if (call.word(0) === 'proc') {
      must(syscall('kill', process.pid, signal), 'kill');
      return { ret: 0 };
    }
    return answered(tgkill(process.pid, names.number('thread', call.word(0)), signal));
  },
  sigqueue: (call) => answered(queueSignal(process.pid, parseSignal(call.word(0)), int32(call.option('value') ?? ''))),
  signalfd: makeSignalfd,
  readsig: readSignals,
};

function words(signals: readonly number[], word: (signal: number) => string): string {
  return signals.map(word).sort().join(',') || 'empty';
}

function makeSignalfd(call: Operands, { names }: Rig): StepResult {
  const mask = call.option('mask') ?? 'empty';
  const flags = parseFlags(call.option('flags') ?? '0');
  const existing = call.option('fd');
  const fd = existing === undefined ? -1 : descriptor(names, existing);
  const size = int32(call.option('sizemask') ?? '8');
  const answer =
    size === 8 ? signalfd(fd, parseSignalSet(mask), flags) : syscall('signalfd4', fd, signalSetBits(mask), size, flags);
  if (answer < 0 || existing === undefined) return opened(names, call.word(0), answer);
  return { ret: answer === fd ? 'same' : answer };
}

function readSignals(call: Operands, { names }: Rig): StepResult {
  const max = int32(call.option('max') ?? '1');
  const size = int32(call.option('bytes') ?? String(signalfdSiginfoSize * max));
  const buffer = new Uint8Array(size);
  const answer = read(descriptor(names, call.word(0)), buffer);
  if (answer <= 0) return answered(answer);
  const records = Array.from({ length: Math.floor(answer / signalfdSiginfoSize) }, (_, index) =>
    decodeSignalfdSiginfo(buffer, index * signalfdSiginfoSize),
  );
  return {
    ret: answer,
    signals: records.map(({ signo }) => signalWord(signo)),
    ssi_int: records.map(({ int }) => int),
    ssi_code: records.map(({ code }) => code),
    ssi_pid: records.map(({ pid }) => (pid === process.pid ? 'self' : String(pid))),
  };
}
