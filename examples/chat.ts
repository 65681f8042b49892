// A chat over TCP: what one client writes, every other one reads. Each client has a queue of lines that is bounded:
// while one does not read, lines for it are dropped and counted, and it is told how many it missed when it reads again.
// So neither it nor anyone else is held up, and the server's memory is bounded by clients × queue.
//
//   npm run example chat 4748              # then, elsewhere: nc 127.0.0.1 4748
//   npm run example chat                   # any free port; it is printed
import { SystemError } from 'epoll-ts';
import { TcpListener, type TcpStream } from 'epoll-ts/net';

const queueBytes = 64 * 1024;
const longestLine = 4096;
const clients = new Set<Client>();

class Client {
  readonly #connection: TcpStream;
  readonly name: string;
  #queue: Buffer[] = [];
  #queued = 0;
  #missed = 0;
  #sending = false;

  constructor(connection: TcpStream) {
    this.#connection = connection;
    this.name = `${connection.remoteAddress?.port}`;
  }

  /** Takes a line if there is room for it in the queue. */
  tell(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#queued + bytes.length > queueBytes) {
      this.#missed++;
      return;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (!this.#sending) void this.#send();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#queue.length > 0) {
        const lines = this.#queue;
        this.#queue = [];
        // Waits until the peer has taken them; until then they count.
        await this.#connection.writev(lines);
        this.#queued -= lines.reduce((all, { length }) => all + length, 0);
        if (this.#missed > 0) {
          const missed = this.#missed;
          this.#missed = 0;
          this.tell(`* you missed ${missed} lines\n`);
        }
      }
    } catch {
      this.#connection.shutdown('read'); // gone: the reader below ends
    } finally {
      this.#sending = false;
    }
  }

  /** Passes on what the client writes, until it ends. */
  async listen(): Promise<void> {
    const into = Buffer.alloc(longestLine);
    let filled = 0;
    for (let count; (count = await this.#connection.read(into.subarray(filled))) > 0;) {
      filled += count;
      let start = 0;
      for (let end; (end = into.subarray(0, filled).indexOf('\n', start)) >= 0; start = end + 1) {
        this.#say(into.toString('utf8', start, end));
      }
      into.copyWithin(0, start, filled);
      filled -= start;
      // A line without an end is passed on in pieces.
      if (filled === longestLine) {
        this.#say(into.toString());
        filled = 0;
      }
    }
  }

  #say(line: string): void {
    for (const other of clients) if (other !== this) other.tell(`${this.name}: ${line}\n`);
  }
}

const listener = new TcpListener({ address: '127.0.0.1', port: Number(process.argv[2] ?? 0) });
console.log(`chatting on 127.0.0.1:${listener.localAddress.port}`);
for await (const connection of listener) void serve(connection);

async function serve(connection: TcpStream): Promise<void> {
  const client = new Client(connection);
  clients.add(client);
  try {
    await client.listen();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error; // a reset is an end as any other
  } finally {
    clients.delete(client);
    connection.close();
  }
}
