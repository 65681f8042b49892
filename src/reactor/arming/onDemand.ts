import { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLONESHOT } from '../../sys/index.ts';
import { monotonicMs } from '../../sys/monotonicMs.ts';
import type { RegistrationRow } from '../registrationRow.ts';
import { Arming } from './arming.ts';

/**
 * Awaited, level-triggered or one-shot: the kernel is asked while somebody waits, for what is waited for, once. An
 * entry that nobody drains would spin otherwise. Nothing is lost meanwhile: readiness that is there when it is armed is
 * reported.
 */
export class OnDemand extends Arming {
  // What the kernel's entry reports now; 0 when it is disarmed.
  #armedFor = 0;

  constructor(row: RegistrationRow) {
    super(row);
    this.disarmedAtMs = monotonicMs();
  }

  get armed(): boolean {
    return this.#armedFor !== 0;
  }

  add(): void {
    this.row.host.control(this.row, EPOLL_CTL_ADD, this.#demanded());
  }

  rearm(): void {
    const mask = this.#demanded();
    this.row.host.control(this.row, EPOLL_CTL_MOD, mask);
    if (!this.row.waiting && this.#armedFor !== 0) this.disarmedAtMs = monotonicMs();
    this.#armedFor = this.row.waiting ? mask : 0;
  }

  end(listed: boolean): void {
    if (listed) this.row.host.drop(this.row);
  }

  override fired(): void {
    this.#armedFor = 0;
    this.disarmedAtMs = this.row.host.nowMs();
  }

  override begun(): void {
    this.demand();
  }

  override demand(): void {
    if (this.#armedFor === 0 || (this.#demanded() & ~this.#armedFor) !== 0) this.#ask();
  }

  override idle(): void {
    if (this.#armedFor !== 0) this.#ask();
  }

  // 0 with EPOLLONESHOT is disarmed.
  #demanded(): number {
    return this.row.waitedMask() | EPOLLONESHOT;
  }

  #ask(): void {
    try {
      this.rearm();
    } catch (error) {
      this.row.failWaits(error);
    }
  }
}
