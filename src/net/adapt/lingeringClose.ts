import { clearTimeout, setTimeout } from 'node:timers';
import type { ByteChannel } from '../core/byteChannel.ts';

// A peer that neither sends nor ends has what it was sent, or waits for us. As web servers do.
const silentMs = 5000;
const mostMs = 30_000;
const discarded = new Uint8Array(65_536);

/**
 * Closes a connection whose both directions are over, one of them because nobody wants to read any more: what still
 * comes is read and thrown away until the peer ends, for as long as it sends, up to 30 s. Where bytes are unread, or
 * come later, the kernel closes with a reset, and the peer loses what it has not read of our last words (RFC 1122,
 * 4.2.2.13). It does not keep the process alive.
 */
export async function lingeringClose(channel: ByteChannel): Promise<void> {
  const given = new AbortController();
  const giveUp = (): void => given.abort();
  const silent = setTimeout(giveUp, silentMs).unref();
  const most = setTimeout(giveUp, mostMs).unref();
  try {
    channel.keepAlive(false);
    while (!given.signal.aborted) {
      const count = channel.read(discarded);
      if (count === 0) break;
      if (count === null) await channel.readiness.waitToRead(given.signal);
      else silent.refresh();
      if (channel.readiness.budget.spend(count ?? 0)) await channel.readiness.budget.rest();
    }
    channel.close();
  } catch {
    // It was reset, or closed by its owner, or its time is over: nobody is there to be told.
    closeQuietly(channel);
  } finally {
    clearTimeout(silent);
    clearTimeout(most);
  }
}

function closeQuietly(channel: ByteChannel): void {
  try {
    channel.close();
  } catch {
    // Closed all the same, see `OwnedFd.close`.
  }
}
