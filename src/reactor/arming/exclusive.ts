import { EPOLL_CTL_ADD } from '../../sys/index.ts';
import { monotonicMs } from '../../sys/monotonicMs.ts';
import { Arming } from './arming.ts';

/**
 * EPOLLEXCLUSIVE: the kernel refuses to modify such an entry, and refuses it with EPOLLONESHOT. Without a handler it is
 * added when somebody waits and deleted when it has fired, whatever the trigger: while nobody waits it must not take
 * the one wakeup that another reactor waits for.
 */
export class Exclusive extends Arming {
  // What the kernel's entry reports now; 0 where there is none.
  #listedFor = 0;

  get armed(): boolean {
    return this.#listedFor !== 0;
  }

  add(): void {
    this.#list(this.row.mask);
    // Only to have the kernel's word that it can be watched.
    if (this.row.handler === undefined) this.#drop(monotonicMs());
  }

  rearm(): void {
    throw new TypeError('Cannot rearm as the kernel refuses to modify an entry with EPOLLEXCLUSIVE');
  }

  end(listed: boolean): void {
    if (listed && this.#listedFor !== 0) this.row.host.drop(this.row);
  }

  override fired(): void {
    if (this.row.handler === undefined) this.#drop(this.row.host.nowMs());
  }

  override begun(): void {
    this.demand();
  }

  override demand(): void {
    if (this.row.handler !== undefined) return;
    const asked = this.row.waitedMask();
    if (this.#listedFor !== 0 && (asked & ~this.#listedFor) === 0) return;
    try {
      if (this.#listedFor !== 0) this.#drop(monotonicMs());
      this.#list(asked);
    } catch (error) {
      this.row.failWaits(error);
    }
  }

  override idle(): void {
    if (this.row.handler === undefined && this.#listedFor !== 0) this.#drop(monotonicMs());
  }

  #list(mask: number): void {
    this.row.host.control(this.row, EPOLL_CTL_ADD, mask);
    this.#listedFor = mask;
  }

  #drop(nowMs: number): void {
    this.row.host.drop(this.row);
    this.#listedFor = 0;
    this.disarmedAtMs = nowMs;
  }
}
