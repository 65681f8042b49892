// An entry that was changed or deleted can leave one event of its old token in a batch that was fetched before; no
// token is stale as often as this unless the kernel still has its entry.
const ghostRepeats = 1_000;
const maxTokens = 1_024;

/**
 * Finds ghosts: entries of the kernel's list that outlived their registration, because the number was closed while a
 * duplicate of its file was open. Nobody can delete them, and level-triggered ones spin the loop. Warns once for each.
 */
export class GhostWatch {
  readonly #events = new Map<bigint, number>();

  /** An event came whose token belongs to no registration. */
  stale(token: bigint): void {
    const count = (this.#events.get(token) ?? 0) + 1;
    if (this.#events.size >= maxTokens) this.#events.clear();
    this.#events.set(token, count);
    if (count === ghostRepeats) warn(Number(token & 0xffff_ffffn));
  }
}

function warn(fd: number): void {
  const message =
    `Events keep arriving for fd ${fd}, whose registration is closed: ` +
    'the number was closed while a duplicate of its file ' +
    'was open, so the kernel keeps the entry. Close the registration before the descriptor; now only closing every ' +
    'duplicate, or this reactor, ends it';
  process.emitWarning(message, { type: 'EpollGhostWarning', code: 'EPOLL_TS_GHOST' });
}
