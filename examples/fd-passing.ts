// Two processes, one connection: the first accepts it and passes it on, open, over a unix socket; the second answers
// it. The first never reads a byte of it, and closes its own descriptor at once: the connection lives on in the second.
//
//   npm run example fd-passing             # serves one client of its own and ends
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TcpListener, TcpStream, UnixListener, UnixStream } from 'epoll-ts/net';

const [role, name] = process.argv.slice(2);
if (role === 'answerer' && name !== undefined) await answer(`\0${name}`);
else await accept(`fd-passing ${process.pid}`);

/** The process that accepts. */
async function accept(own: string): Promise<void> {
  const handover = new UnixListener({ path: `\0${own}`, type: 'seqpacket' });
  const answerer = spawn(process.execPath, [process.argv[1] ?? '', 'answerer', own], { stdio: 'inherit' });
  const ended = once(answerer, 'exit');
  const other = await handover.accept({ timeoutMs: 30_000 });
  if (other.peerCredentials.pid !== answerer.pid) throw new Error('Cannot pass connections on: someone else has come');

  const listener = new TcpListener({ address: '127.0.0.1' });
  const client = ask(listener.localAddress.port);
  const connection = await listener.accept();
  await other.sendFds(Buffer.from('connection'), [connection]);
  console.log('accepted, and passed on');
  for (const socket of [connection, listener, other, handover]) socket.close();

  const answered = await client;
  await ended; // so that its line comes first
  console.log(`the client was answered: ${answered}`);
}

/** The process that answers what it is passed, until the other one ends. */
async function answer(path: string): Promise<void> {
  const other = await UnixStream.connect({ path, type: 'seqpacket' });
  const message = new Uint8Array(64);
  for (;;) {
    const { bytes, fds } = await other.receiveFds(message);
    if (bytes === 0) break;
    for (const received of fds) {
      const connection = TcpStream.attach(received);
      const into = new Uint8Array(1024);
      const count = await connection.read(into);
      console.log(`asked: ${Buffer.from(into.subarray(0, count)).toString()}`);
      await connection.write(Buffer.from(into.subarray(0, count).toReversed()));
      await connection.end();
      connection.close();
    }
  }
  other.close();
}

async function ask(port: number): Promise<string> {
  const client = await TcpStream.connect({ host: '127.0.0.1', port });
  await client.write(Buffer.from('who are you'));
  const parts: Buffer[] = [];
  const into = Buffer.alloc(1024);
  for (let count; (count = await client.read(into)) > 0;) parts.push(Buffer.from(into.subarray(0, count)));
  client.close();
  return Buffer.concat(parts).toString();
}
