/** Somebody who is told when a file changes: one entry of an interest list. */
export interface Sleeper {
  /** Whether it was added with EPOLLEXCLUSIVE. */
  readonly exclusive: boolean;
  /** @param key what has happened, as poll bits; 0: look yourself */
  woken(key: number): void;
}

/**
 * A kernel wait queue. What surprised here (seen on Linux 6.18.44): the one that was added last is woken first, since
 * add_wait_queue puts it at the head, and so two entries for one file are ready in the reverse order of their
 * EPOLL_CTL_ADD; exclusive ones stand at the tail, in the order in which they came. While nobody sleeps in epoll_wait,
 * every exclusive one is woken too: "one of them" is about threads that wait.
 */
export class WaitQueue {
  #sleepers: Sleeper[] = [];

  add(sleeper: Sleeper): void {
    if (sleeper.exclusive) this.#sleepers.push(sleeper);
    else this.#sleepers.unshift(sleeper);
  }

  remove(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
  }

  wake(key: number): void {
    for (const sleeper of this.#sleepers) sleeper.woken(key);
  }
}
