// A server that speaks just enough of the redis protocol to be measured by redis-benchmark: PING, inline or as an
// array, many in one packet. One buffer serves all connections: what is left of a request that has not come whole is
// kept per connection, and so are answers for which there was no room.
//
//   npm run example ping-server 6380       # then, elsewhere: redis-benchmark -p 6380 -t ping_inline,ping_mbulk -c 50
//   -n 200000 npm run example ping-server            # any free port; it is printed
import { SystemError } from 'epoll-ts';
import { TcpListener, type TcpStream } from 'epoll-ts/net';

// Longer than any request that is answered here; a client that sends more without an end is disconnected.
const longestRequest = 1024;
const pong = Buffer.from('+PONG\r\n');
const unknown = Buffer.from('-ERR unknown command\r\n');
const input = Buffer.alloc(65_536);

const listener = new TcpListener({ address: '127.0.0.1', port: Number(process.argv[2] ?? 0) });
console.log(`answering PING on 127.0.0.1:${listener.localAddress.port}`);
for await (const connection of listener) serve(connection);

function serve(connection: TcpStream): void {
  let rest: Buffer = Buffer.alloc(0);
  let unsent: Buffer = Buffer.alloc(0);

  const turn = (): void => {
    try {
      if (exchange()) return;
    } catch (error) {
      // A peer that has reset the connection, or no longer reads.
      if (!(error instanceof SystemError)) throw error;
    }
    connection.close();
  };
  connection.onReadiness = turn;
  // What came before the handler was set makes no event.
  turn();

  /** Reads, answers and writes until one of them would wait. @returns false when the connection is over */
  function exchange(): boolean {
    for (;;) {
      if (unsent.length > 0) {
        const count = connection.tryWrite(unsent);
        if (count === null) return true; // nothing more is read until the peer takes its answers
        unsent = unsent.subarray(count);
        continue;
      }
      rest.copy(input);
      const count = connection.tryRead(input.subarray(rest.length));
      if (count === null) return true;
      if (count === 0) return false;
      const requests = input.subarray(0, rest.length + count);
      const { answers, used } = answersTo(requests);
      unsent = answers;
      rest = Buffer.from(requests.subarray(used));
      if (rest.length > longestRequest) return false;
    }
  }
}

/** The answers to all requests that are whole, and how many bytes those are. */
function answersTo(requests: Buffer): { answers: Buffer; used: number } {
  const answers: Buffer[] = [];
  let used = 0;
  for (;;) {
    const request = requests[used] === 0x2a /* * */ ? arrayAt(requests, used) : inlineAt(requests, used);
    if (request === undefined) return { answers: Buffer.concat(answers), used };
    used = request.end;
    if (request.words.length > 0) answers.push(answerTo(request.words));
  }
}

function answerTo([command, , setting = '']: readonly string[]): Buffer {
  switch (command?.toUpperCase()) {
    case 'PING':
      return pong;
    case 'CONFIG': // CONFIG GET name: redis-benchmark asks for two settings, and is content with empty ones.
      return Buffer.from(`*2\r\n$${setting.length}\r\n${setting}\r\n$0\r\n\r\n`, 'latin1');
    default:
      return unknown;
  }
}

interface Request {
  readonly words: readonly string[];
  /** Where the next one starts. */
  readonly end: number;
}

/** `PING\r\n` */
function inlineAt(bytes: Buffer, start: number): Request | undefined {
  const line = lineAt(bytes, start);
  return line && { words: line.text.split(' ').filter((word) => word !== ''), end: line.end };
}

/** `*1\r\n$4\r\nPING\r\n`: the number of words; of each the number of bytes, and those. */
function arrayAt(bytes: Buffer, start: number): Request | undefined {
  const head = lineAt(bytes, start);
  if (head === undefined) return undefined;
  let { end } = head;
  const words: string[] = [];
  for (let index = 0; index < Number(head.text.slice(1)); index++) {
    const length = lineAt(bytes, end);
    if (length === undefined) return undefined;
    const from = length.end;
    end = from + Number(length.text.slice(1)) + 2;
    if (!(end <= bytes.length)) return undefined;
    words.push(bytes.toString('latin1', from, end - 2));
  }
  return { words, end };
}

function lineAt(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  const end = bytes.indexOf('\r\n', start, 'latin1');
  return end < 0 ? undefined : { text: bytes.toString('latin1', start, end), end: end + 2 };
}
