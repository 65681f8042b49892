import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { generator } from './clientChurn.ts';

/** What `talk` does. */
export interface TalkOptions {
  readonly port: number;
  readonly connections: number;
  /** Of all connections together. */
  readonly messages: number;
}

/** What it saw. */
export interface TalkReport {
  readonly sent: number;
  /** Messages that came back, each in its place. */
  readonly echoed: number;
  readonly failed: readonly string[];
}

const length = 16;
const window = 8;

/**
 * Sends numbered messages of 16 bytes over each connection, some at a time, and waits for each to come back in its
 * order.
 */
export async function talk({ port, connections, messages }: TalkOptions): Promise<TalkReport> {
  const failed: string[] = [];
  const random = generator(7);
  let [sent, echoed] = [0, 0];
  const one = async (_: unknown, number: number): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    let back = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (back += chunk));
    const share = Math.floor(messages / connections);
    for (let begin = 0; begin < share;) {
      const count = Math.min(1 + random(window), share - begin);
      const text = Array.from({ length: count }, (_each, index) => messageOf(number, begin + index)).join('');
      socket.write(text);
      sent += count;
      begin += count;
      while (back.length < text.length) await once(socket, 'data');
      if (back !== text) failed.push(`${JSON.stringify(text)} came back as ${JSON.stringify(back)}`);
      else echoed += count;
      back = '';
      // Lets the workers run dry now and then, so that they have to wait and be woken.
      if (random(200) === 0) await setTimeout(1);
    }
    socket.end();
    await once(socket, 'close');
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { sent, echoed, failed: failed.slice(0, 10) };
}

function messageOf(connection: number, index: number): string {
  return `${connection}:${index};`.padStart(length);
}
