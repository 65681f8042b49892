// The module of the servers in test/net/serveWorkers.test.ts. Clients send commands that end in a semicolon.
import { threadId } from 'node:worker_threads';
import type { ByteStream, ConnectionContext } from 'epoll-ts/net';
import { gettid } from 'epoll-ts/sys';

export async function onConnection(stream: ByteStream, context: ConnectionContext): Promise<void> {
  const into = new Uint8Array(256);
  let text = '';
  for (let count; (count = await stream.read(into)) > 0;) {
    text += Buffer.from(into.subarray(0, count)).toString();
    for (let end; (end = text.indexOf(';')) >= 0; text = text.slice(end + 1)) {
      await obey(text.slice(0, end), stream, context);
    }
  }
}

async function obey(command: string, stream: ByteStream, { signal, data }: ConnectionContext): Promise<void> {
  const answer = (text: string): Promise<void> => stream.write(Buffer.from(`${text};`));
  switch (command) {
    case 'who':
      return answer(String(threadId));
    case 'thread':
      return answer(String(gettid()));
    case 'echo':
      return answer('echo');
    case 'tell':
      return answer(signal.aborted ? 'stopping' : 'going on');
    case 'throw':
      throw Object.assign(new RangeError('of the handler'), { code: 'ERR_OF_IT' });
    case 'crash':
      setImmediate(() => {
        throw new Error('in a callback');
      });
      return undefined;
    case 'exit':
      return process.exit(3);
    case 'spin':
      for (;;);
    case 'wait, then exit': {
      const memory = data as Int32Array;
      Atomics.store(memory, 1, 1);
      Atomics.wait(memory, 0, 0);
      return process.exit(3);
    }
    default:
      throw new Error(`unknown command: ${command}`);
  }
}
