// A round trip between two processes over Node's own channel. The CPU time is that of the asking process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { serveSlices } from '../../suite/serveSlices.ts';

if (process.send === undefined) {
  const child = fork(new URL(import.meta.url).pathname, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'message');
  await serveSlices(
    async (operations) =>
      new Promise((resolve) => {
        let left = operations;
        child.removeAllListeners('message').on('message', () => {
          if (--left === 0) resolve(operations);
          else child.send(0);
        });
        child.send(0);
      }),
  );
} else {
  process.on('message', () => process.send?.(0));
  process.send(0);
}
