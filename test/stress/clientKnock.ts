import { connect } from 'node:net';

/** What `knock` does. */
export interface KnockOptions {
  readonly port: number;
  readonly connects: number;
  readonly parallel: number;
}

/** What it saw. */
export interface KnockReport {
  /** Connects that were accepted, and whose word came back before the server closed. */
  readonly served: number;
  readonly failed: readonly string[];
}

/** Connects over and over, `parallel` at a time; each sends its number and waits for it, and for the end. */
export async function knock({ port, connects, parallel }: KnockOptions): Promise<KnockReport> {
  const failed: string[] = [];
  let [next, served] = [0, 0];
  const one = async (): Promise<void> => {
    while (next < connects) {
      const word = `${next++};`.padStart(8);
      const back = await answerTo(word, port, `127.0.0.${2 + (next % 16)}`);
      if (back === word) served++;
      else failed.push(`${word}: ${back}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return { served, failed: failed.slice(0, 10) };
}

function answerTo(word: string, port: number, localAddress: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    let back = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (back += chunk));
    socket.on('error', (error) => (back += String(error)));
    socket.once('close', () => resolve(back));
    socket.write(word);
  });
}
