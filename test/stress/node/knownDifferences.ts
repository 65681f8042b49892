import type { Side } from './nodeTest.ts';

/** One of Node's tests that fails with our sockets and passes with the control. */
export interface KnownDifference {
  readonly test: string;
  /** Both, where it is left out. */
  readonly side?: Side;
  readonly reason: string;
}

/** Those that ask for what is of `net.Socket` alone, whose wording is Node's, or that count turns of the loop. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    test: 'test-http-nodelay.js',
    side: 'client',
    reason: 'it replaces net.Socket.prototype.setNoDelay, and counts its calls',
  },
  {
    test: 'test-http-should-keep-alive.js',
    side: 'client',
    reason:
      'its server ends without having been asked; ' +
      'a client that is connected at once asks again in the turn before it learns of that',
  },
  {
    test: 'test-http-writable-true-after-close.js',
    side: 'server',
    reason:
      "of two sockets that are ready at once it wants the server's first; " +
      "ours is told by the reactor, after Node's own of the same turn",
  },
  {
    test: 'test-net-connect-reset-until-connected.js',
    side: 'server',
    reason: "it compares the error's whole message: 'read ECONNRESET'",
  },
  {
    test: 'test-http2-session-graceful-close.js',
    side: 'server',
    reason:
      'GOAWAY must be sent in the turn of the answer: ' +
      'a client of the same process has left a turn later, without having seen it',
  },
  {
    test: 'test-http2-ping-settings-heapdump.js',
    side: 'client',
    reason: 'of a peer that is gone it takes ECONNRESET only; a write that comes before the read is told EPIPE',
  },
  ...['test-http2-client-upload-reject.js', 'test-http2-compat-client-upload-reject.js'].map((test) => ({
    test,
    side: 'client' as const,
    reason:
      'node:http2 stops reading while it writes, and does not begin again after its GOAWAY; ' +
      "the control's socket closes below it",
  })),
];
