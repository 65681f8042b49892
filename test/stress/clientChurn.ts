import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What `churn` does. */
export interface ChurnOptions {
  readonly port: number;
  readonly connections: number;
  readonly rounds: number;
  readonly seed: number;
}

/** How a connection is ended: each leaves the server in another state. */
const endings = ['half-close', 'close', 'reset', 'cut', 'mute'] as const;
type Ending = (typeof endings)[number];

/** What one round saw. */
export interface ChurnReport {
  readonly round: number;
  readonly opened: number;
  readonly endings: Readonly<Record<Ending, number>>;
  readonly echoedBytes: number;
  /** Connections that did not get back what they had sent. */
  readonly wrong: readonly string[];
}

// So many are being connected at once: the server's queue holds 4096.
const connecting = 256;
const longest = 8192;

/**
 * Opens all connections, then has each send, compare what comes back, and end: with a half-close, a close, a reset
 * after the last byte, a reset in the middle, or a reset without a word. After each round it waits for a line on stdin.
 */
export async function churn(options: ChurnOptions, report: (round: ChurnReport) => void): Promise<void> {
  const random = generator(options.seed);
  process.stdin.resume();
  for (let round = 0; round < options.rounds; round++) {
    const sockets: Socket[] = [];
    while (sockets.length < options.connections) {
      const count = Math.min(connecting, options.connections - sockets.length);
      // Each address has ports of its own: 100,000 connections are more than one address has.
      const localAddress = `127.0.0.${2 + (round % 100)}`;
      const batch = Array.from({ length: count }, () =>
        connect({ port: options.port, host: '127.0.0.1', localAddress }),
      );
      await Promise.all(batch.map((socket) => once(socket, 'connect')));
      sockets.push(...batch);
    }
    const counts = { 'half-close': 0, close: 0, reset: 0, cut: 0, mute: 0 };
    const wrong: string[] = [];
    let echoedBytes = 0;
    await Promise.all(
      sockets.map(async (socket) => {
        const ending = endings[random(endings.length)] ?? 'close';
        counts[ending]++;
        const sent = Buffer.alloc(1 + random(longest), random(1 << 30).toString(36));
        const back = await exchange(socket, sent, ending);
        echoedBytes += back.byteLength;
        const whole = ending !== 'cut' && ending !== 'mute';
        const right = sent.subarray(0, back.byteLength).equals(back) && (!whole || back.byteLength === sent.byteLength);
        if (!right) wrong.push(`${ending}: ${back.byteLength} of ${sent.byteLength} bytes came back`);
      }),
    );
    report({ round, opened: sockets.length, endings: counts, echoedBytes, wrong: wrong.slice(0, 10) });
    await once(process.stdin, 'data');
  }
  process.stdin.destroy();
}

/** Sends, and ends the connection. @returns what came back until then */
async function exchange(socket: Socket, sent: Buffer, ending: Ending): Promise<Buffer> {
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  const chunks: Buffer[] = [];
  let got = 0;
  // A reset that the server answers to ours is the end as any other: what came back is compared.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    got += chunk.byteLength;
    if (ending === 'cut') socket.resetAndDestroy();
    if (got < sent.byteLength) return;
    if (ending === 'reset') socket.resetAndDestroy();
    if (ending === 'close') socket.destroy();
  });
  if (ending === 'mute') socket.resetAndDestroy();
  else if (ending === 'half-close') socket.end(sent);
  else socket.write(sent);
  await closed;
  return Buffer.concat(chunks);
}

/** The same numbers below `limit` for the same seed (xorshift32): a run that fails can be repeated. */
export function generator(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state % limit;
  };
}
