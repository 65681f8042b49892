import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A client on node:net, for servers under test: it must not share a bug with them. */
export interface Client {
  readonly socket: Socket;
  /**
   * The text that has come so far, when it ends with `text`.
   *
   * @throws (as a rejection) when the connection ends before that
   */
  until(text: string): Promise<string>;
  say(text: string): void;
  /** How the connection ended: 'end', or the code of its error. */
  readonly ended: Promise<string>;
}

/** Connects to a port of this machine; the connection is destroyed when the test ends. */
export async function talkTo(t: TestContext, port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  let got = '';
  const checks = new Set<() => void>();
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text;
    for (const check of checks) check();
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  await connected;
  return {
    socket,
    ended,
    say: (text) => void socket.write(text),
    until: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!got.endsWith(text)) return;
          checks.delete(check);
          resolve(got);
        };
        checks.add(check);
        check();
        void ended.then((how) =>
          reject(new Error(`The connection ended (${how}) with '${got}' and without '${text}'`)),
        );
      }),
  };
}
