import { constants } from 'node:os';
import { signalName, type SignalSet, UnsupportedError } from '../sys/index.ts';
import { readThreadMasks, type ThreadMask } from './threadMasks.ts';

/**
 * Makes sure that every thread of the process blocks the signals: one sent to the process is delivered to any thread
 * that does not.
 *
 * @throws {UnsupportedError} when a thread does not; it names the threads and says what to do
 */
export function refuseThreadsThatLack(signals: SignalSet): void {
  const missing = new Set<string>();
  const threads = readThreadMasks().flatMap((thread) => {
    const names = signals
      .values()
      .filter((signal) => !blocks(thread, signal))
      .map(signalName);
    for (const name of names) missing.add(name);
    return names.length === 0 ? [] : [`${thread.tid} '${thread.name}' (${names.join(', ')})`];
  });
  if (threads.length === 0) return;
  throw new UnsupportedError(
    `Cannot read ${[...missing].join(', ')} sent to the process as every thread must block them, ` +
      'or they are delivered there: ' +
      `current threads that don't are ${threads.join(', ')}. Use ${adviceFor([...missing]).join('; or ')}`,
  );
}

function blocks({ blocked }: ThreadMask, signal: number): boolean {
  return ((blocked >> BigInt(signal - 1)) & 1n) === 1n;
}

function adviceFor(names: readonly string[]): string[] {
  // Node has no handlers for real-time signals.
  const handled = names.filter((name) => Object.hasOwn(constants.signals, name));
  const advice = handled.length === 0 ? [] : [`${handled.map((name) => `process.on('${name}')`).join(', ')} instead`];
  if (names.includes('SIGUSR1')) advice.push('for SIGUSR1, Node 22.14 or newer started with --disable-sigusr1');
  return [...advice, "{ directed: 'thread' } for signals sent to this thread with tgkill"];
}
