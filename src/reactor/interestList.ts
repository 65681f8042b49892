import { setImmediate } from 'node:timers';
import { ClosedError } from '../fd/closedError.ts';
import { epollCtlAdvice } from '../fd/epollCtlAdvice.ts';
import { type FdWatcher, isOwnedFd, type OwnedFd, unwatchOwnedFd, watchOwnedFd } from '../fd/ownedFd.ts';
import { SystemError } from '../fd/systemError.ts';
import { epollCtlHalves } from '../sys/epoll.ts';
import { EPOLL_CTL_DEL } from '../sys/index.ts';
import { monotonicMs } from '../sys/monotonicMs.ts';
import type { Forgetful } from './arming/forgetful.ts';
import { ForgetfulFiles } from './arming/forgetfulFiles.ts';
import { reportNow } from './handlerErrors.ts';
import type { HostLoop } from './hostLoop.ts';
import { newRegistration, type Registration, rowOfRegistration } from './registration.ts';
import type { Registered, RegistrationRow } from './registrationRow.ts';
import { RegistrationTable } from './registrationTable.ts';

/** A reactor's registrations: the table and the kernel's list, which change together. */
export class InterestList implements FdWatcher {
  readonly table: RegistrationTable = new RegistrationTable();
  readonly forgetful: ForgetfulFiles = new ForgetfulFiles();
  readonly #epfd: number;
  readonly #hostLoop: HostLoop;
  #generation = 0;
  #live = 0;
  #detaching = false;
  #batchMs = -1; // the time of the batch at hand, once somebody has asked

  /** Of the epoll descriptor `epfd`, which `hostLoop` watches while there are registrations. */
  constructor(epfd: number, hostLoop: HostLoop) {
    this.#epfd = epfd;
    this.#hostLoop = hostLoop;
  }

  /** Whether a registration keeps the process alive. */
  get live(): boolean {
    return this.#live > 0;
  }

  /** @throws {SystemError} as epoll_ctl and `HostLoop.attach` do, and nothing is registered then */
  register(registered: Registered): Registration {
    const registration = newRegistration(this, registered);
    const row = rowOfRegistration(registration);
    // The kernel took a new entry for this number, so the file of an older registration is gone from it.
    this.table.get(row.fd)?.abandon(new ClosedError('Registration'), false);
    this.table.add(row);
    if (isOwnedFd(row.target)) watchOwnedFd(row.target, this);
    try {
      // Last: a bad descriptor that reached the host's loop would abort the process; epoll_ctl has just proved this
      // one.
      this.#hostLoop.attach();
    } catch (error) {
      row.close();
      throw error;
    }
    return registration;
  }

  /**
   * Calls epoll_ctl with a new generation; the mask is signed.
   *
   * @throws {SystemError} and changes nothing when the kernel refuses.
   */
  control(row: RegistrationRow, op: number, events: number): void {
    // A getter of an interest or of an AbortSignal may have closed it: the number may be another registration's by now.
    if (row.closed) throw new ClosedError('Registration');
    const { fd } = row;
    const epfd = this.#epfd;
    // Signed: V8 holds it without an object of its own.
    const generation = (this.#generation + 1) | 0;
    const answer = epollCtlHalves(epfd, op, fd, events, fd, generation);
    if (answer < 0) {
      const call = { epfd, op, fd, events: events >>> 0 };
      throw new SystemError(answer, 'epoll_ctl', { fd }, epollCtlAdvice(answer, call));
    }
    this.#generation = generation;
    row.generation = generation;
  }

  /** Takes the entry out of the kernel's list; the registration stays. */
  drop({ fd }: RegistrationRow): void {
    // The answer does not matter: ENOENT or EBADF where the descriptor was closed first.
    epollCtlHalves(this.#epfd, EPOLL_CTL_DEL, fd, 0, 0, 0);
  }

  /** Takes the registration out of the table. */
  remove(row: RegistrationRow): void {
    if (isOwnedFd(row.target)) unwatchOwnedFd(row.target, this);
    this.table.remove(row);
    if (!this.table.empty || this.#detaching || !this.#hostLoop.attached) return;
    // Not at once: a program that registers one descriptor after another would attach and detach each time.
    this.#detaching = true;
    setImmediate(() => {
      this.#detaching = false;
      if (this.table.empty) this.#hostLoop.detach();
    });
  }

  /** Ends all registrations, whose entries go with the epoll instance. */
  abandonAll(reason: unknown): void {
    for (const row of this.table.all()) row.abandon(reason, false);
  }

  /** A registration began or ceased to keep the process alive. */
  liveChanged(by: 1 | -1): void {
    this.#live += by;
    if (this.#live === 0) this.#hostLoop.keepAlive(false);
    else if (this.#live === 1 && by === 1) this.#hostLoop.keepAlive(true);
  }

  beginBatch(): void {
    this.#batchMs = -1;
  }

  /** The time of the batch at hand, of `monotonicMs`. The clock is asked once a batch. */
  nowMs(): number {
    return this.#batchMs < 0 ? (this.#batchMs = monotonicMs()) : this.#batchMs;
  }

  /**
   * Delivers the events of files that forget them, in a blocking turn.
   *
   * @returns how many they are
   * @throws what a handler threw, as `reportNow` does
   */
  serve(files: readonly Forgetful[]): number {
    const errors: unknown[] = [];
    this.beginBatch();
    for (const file of files) file.serve(errors);
    if (errors.length > 0) reportNow(errors);
    return files.length;
  }

  /** An object that is registered is about to be closed. */
  release(target: OwnedFd, fd: number): void {
    const row = this.table.get(fd);
    if (row?.target === target) row.close();
  }
}
