import type { InetAddress } from '../address/inetAddress.ts';

/**
 * What a Duplex offers of its socket beyond bytes: where a kind of socket lacks one, it does nothing, as in `node:net`.
 */
export interface SocketFeatures {
  local?(): InetAddress | null;
  remote?(): InetAddress | null;
  setNoDelay?(on: boolean): void;
  /** @param idleSeconds 0 leaves it as it is */
  setKeepAlive?(on: boolean, idleSeconds: number): void;
  /** Whether the peer learns that nothing more will be read: its writes fail. TCP can't say that. */
  readonly peerSeesReadEnd?: boolean;
  /** Where it carries messages: how long the next one is; 0 at the end, and where none is there. */
  readonly messageLength?: () => number;
  /** Closes with a reset. */
  reset?(): void;
}
