import { EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLONESHOT } from '../../sys/index.ts';
import { Arming } from './arming.ts';

/** With a handler, the entry is there with the mask asked for. A one-shot disarms itself: in the kernel, and here. */
export class Handled extends Arming {
  #armed = true;

  get armed(): boolean {
    return this.#armed;
  }

  add(): void {
    this.row.host.control(this.row, EPOLL_CTL_ADD, this.row.mask);
  }

  rearm(): void {
    this.row.host.control(this.row, EPOLL_CTL_MOD, this.row.mask);
    this.#armed = true;
  }

  end(listed: boolean): void {
    if (listed) this.row.host.drop(this.row);
  }

  override fired(): void {
    if ((this.row.mask & EPOLLONESHOT) === 0) return;
    this.#armed = false;
    this.disarmedAtMs = this.row.host.nowMs();
  }
}
