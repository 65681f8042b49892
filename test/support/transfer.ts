import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { ByteStream } from 'epoll-ts/net';
import { pairMakers } from './connectedPair.ts';

interface Carrier {
  /** Resolves when more may be sent. */
  send(data: Uint8Array): Promise<void>;
  end(): Promise<void>;
  chunks(): AsyncIterable<Uint8Array>;
}

/** The ways in which a program can use a stream. */
export const ways: ReadonlyMap<string, (stream: ByteStream) => Carrier> = new Map([
  ['reads and writes', plain],
  ['a Duplex', throughDuplex],
  ['Web Streams', throughWebStreams],
]);

function plain(stream: ByteStream): Carrier {
  return {
    send: (data) => stream.write(data),
    end: () => stream.end(),
    async *chunks() {
      const into = new Uint8Array(65_536);
      for (let count; (count = await stream.read(into)) > 0;) yield into.subarray(0, count);
    },
  };
}

function throughDuplex(stream: ByteStream): Carrier {
  const duplex = stream.toDuplex({ allowHalfOpen: true });
  return {
    async send(data) {
      if (!duplex.write(data)) await once(duplex, 'drain');
    },
    async end() {
      duplex.end();
      await once(duplex, 'finish');
    },
    chunks: () => duplex.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
  };
}

function throughWebStreams(stream: ByteStream): Carrier {
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  return {
    send: (data) => writer.write(data),
    end: () => writer.close(),
    async *chunks() {
      for (let chunk; (chunk = (await reader.read()).value) !== undefined;) yield chunk;
    },
  };
}

/** What became of random bytes that went from one end to the other. */
export interface Transferred {
  readonly sent: string;
  readonly received: string;
  /** The most bytes that the sender was rid of and the receiver had not got. */
  readonly mostUnderway: number;
}

export interface Transfer {
  readonly maker: string;
  readonly way: string;
  readonly bytes: number;
  /** The receiver waits a millisecond after each so many bytes. */
  readonly restAfter: number;
}

/** Sends random bytes both ways at once over a new connection. */
export async function transfer({ maker, way, bytes, restAfter }: Transfer): Promise<readonly Transferred[]> {
  const pair = await pairMakers.get(maker)?.();
  const use = ways.get(way);
  if (pair === undefined || use === undefined) throw new Error(`Cannot transfer as there is no ${maker} or ${way}`);
  try {
    const [client, server] = [use(pair.client), use(pair.server)];
    const plan = { bytes, restAfter };
    return await Promise.all([oneWay(client, server, plan), oneWay(server, client, plan)]);
  } finally {
    pair.client.close();
    pair.server.close();
  }
}

async function oneWay(from: Carrier, to: Carrier, plan: { bytes: number; restAfter: number }): Promise<Transferred> {
  let [taken, got, mostUnderway] = [0, 0, 0];
  const sending = (async () => {
    const hash = createHash('sha256');
    for (let size = 1; taken < plan.bytes; size = (size * 7 + 4099) % 200_000) {
      const data = randomFillSync(Buffer.allocUnsafe(Math.min(size + 1, plan.bytes - taken)));
      hash.update(data);
      await from.send(data);
      taken += data.length;
      mostUnderway = Math.max(mostUnderway, taken - got);
      // A sender whose writes never wait must not keep the receiver from its turn.
      if (taken % 16 === 0) await nextTurn();
    }
    await from.end();
    return hash.digest('hex');
  })();
  const receiving = (async () => {
    const hash = createHash('sha256');
    let rested = 0;
    for await (const chunk of to.chunks()) {
      hash.update(chunk);
      got += chunk.byteLength;
      if (got - rested < plan.restAfter) continue;
      rested = got;
      await delay(1);
    }
    return hash.digest('hex');
  })();
  const [sent, received] = await Promise.all([sending, receiving]);
  return { sent, received, mostUnderway };
}
