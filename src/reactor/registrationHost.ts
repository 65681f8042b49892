import type { OwnedFd } from '../fd/ownedFd.ts';
import type { ReadinessHandler, Registration } from './registration.ts';

/** What is registered, and how. */
export interface Registered {
  readonly fd: number;
  readonly target: OwnedFd | undefined;
  readonly mask: number;
  readonly handler: ReadinessHandler | undefined;
}

/** What a registration needs of its reactor. */
export interface RegistrationHost {
  /** Calls epoll_ctl with a new generation; the mask is signed. @throws {SystemError} and changes nothing when the kernel refuses. */
  control(registration: Registration, op: number, events: number): void;
  /** The time of the batch at hand, of `monotonicMs`. The clock is asked once a batch. */
  nowMs(): number;
  /** Takes the entry out of the kernel's list; the registration stays. */
  drop(registration: Registration): void;
  /** Takes the registration out of the table, and out of the kernel's list if `listed`. */
  remove(registration: Registration, listed: boolean): void;
  /** The registration began or ceased to keep the process alive. */
  liveChanged(by: 1 | -1): void;
}
