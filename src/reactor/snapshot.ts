import { type EpollEntry, readEpollEntries } from '../fd/epollEntry.ts';
import { monotonicMs } from '../sys/monotonicMs.ts';
import type { RegistrationRow } from './registrationRow.ts';
import type { RegistrationState } from './registrationState.ts';

/** A registration in a snapshot. */
export interface RegistrationSnapshot extends RegistrationState {
  /**
   * The mask that the kernel has in force; null when it has no entry: the descriptor was closed, or nobody waits for
   * it.
   */
  readonly kernelEvents: number | null;
}

/** A reactor's state as plain data. */
export interface ReactorSnapshot {
  /** The epoll descriptor. */
  readonly fd: number;
  /** Whether the host's event loop watches it. */
  readonly attached: boolean;
  /** Turns that had events. */
  readonly turns: number;
  /** Events that were dropped because their registration had been closed or changed. */
  readonly stale: number;
  readonly registrations: readonly RegistrationSnapshot[];
  /** Entries of the kernel's list without a registration. */
  readonly ghosts: readonly EpollEntry[];
}

/**
 * The registrations of the epoll descriptor `fd`, each beside what the kernel has of it, and what the kernel has
 * besides.
 */
export function listSnapshot(
  fd: number,
  registered: readonly RegistrationRow[],
): Pick<ReactorSnapshot, 'registrations' | 'ghosts'> {
  const kernel = new Map(readEpollEntries(fd).map((entry) => [entry.data, entry]));
  const now = monotonicMs();
  const registrations = registered.map((row) => {
    const token = (BigInt(row.generation) << 32n) | BigInt(row.fd);
    const entry = kernel.get(token);
    kernel.delete(token);
    const kernelEvents = row.kernelEvents() ?? entry?.events ?? null;
    return { ...row.state(now), kernelEvents };
  });
  return { registrations, ghosts: [...kernel.values()] };
}
