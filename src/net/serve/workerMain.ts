// A worker thread of `serve`: handles the connections that the thread which started it has accepted.
import { setImmediate } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { watchOwnedFd } from '../../fd/ownedFd.ts';
import { descriptorsOf } from '../../reactor/reactor.ts';
import { describe } from '../../sys/argument.ts';
import { type WorkerStart, type FromWorker, SharedSlot, type ToWorker } from './workerMessages.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { adoptConnection } from './adoptConnection.ts';
import type { ConnectionHandler } from './connectionHandler.ts';
import { LocalHandlers } from './localHandlers.ts';
import { postedError } from './postedError.ts';
import { threadReactor } from '../core/threadReactor.ts';

const { module, data, shared } = workerData as WorkerStart;

await begin();

async function begin(): Promise<void> {
  holdReactor();
  const exported = (await import(module)) as { readonly onConnection?: unknown };
  const { onConnection } = exported;
  if (typeof onConnection !== 'function') {
    throw new TypeError(
      `Cannot serve as '${module}' must export a function 'onConnection': current value is ${describe(onConnection)}`,
    );
  }
  const numbers = new Map<ByteStream, number>();
  const handlers = new LocalHandlers(
    { onConnection: onConnection as ConnectionHandler, data },
    (stream, how, error) => {
      const connection = numbers.get(stream);
      numbers.delete(stream);
      if (connection !== undefined) post({ connection, how, error: postedError(error) });
    },
  );
  parentPort?.on('message', (message: ToWorker) => {
    if ('command' in message) return obey(handlers, message.command);
    const { connection, fd } = message;
    // From here on it is this thread's: where it crashes, the connection is lost.
    Atomics.store(shared, SharedSlot.begun, connection);
    let stream;
    try {
      stream = adoptConnection(fd);
    } catch (error) {
      // One connection less, and not all that this thread has. Who sent it can tell whether the number still is the
      // connection.
      return post({ connection, how: 'unmade', error: postedError(error) });
    }
    numbers.set(stream, connection);
    handlers.take(stream);
  });
  // When the loop has polled: until then the reactor holds one descriptor more (hostLoop.ts), which is not among those
  // told.
  setImmediate(() => setImmediate(post, { ready: true }));
}

function obey(handlers: LocalHandlers, command: 'stop' | 'reset' | 'end'): void {
  if (command === 'stop') handlers.stop();
  else if (command === 'reset') handlers.reset();
  else process.exit();
}

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

// The reactor is made now, while there are descriptors. Where this thread is terminated, whoever started it closes
// them: the waker keeps the reactor attached, so that they stay the same ones.
function holdReactor(): void {
  const reactor = threadReactor();
  const waker = reactor.waker();
  const descriptors = [...descriptorsOf(reactor), waker.fd];
  shared.set(descriptors, SharedSlot.descriptors);
  Atomics.store(shared, SharedSlot.held, descriptors.length);
  watchOwnedFd(reactor, {
    release: () => {
      Atomics.store(shared, SharedSlot.held, 0);
      waker.close();
    },
  });
}
