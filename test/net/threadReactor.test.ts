// The reactor of a thread.
import { test } from 'node:test';
import { expectScript } from '../support/childScript.ts';

test('a reactor that is closed and made over and over in a worker listens once to the end of the thread', () => {
  expectScript(
    `import { Worker } from 'node:worker_threads';
     const code = \`
       process.on('warning', ({ name }) => console.log(name));
       import('epoll-ts/net').then(({ threadReactor }) => {
         threadReactor().close();
         const first = process.listenerCount('exit');
         for (let round = 0; round < 12; round++) threadReactor().close();
         console.log(process.listenerCount('exit') - first);
       });\`;
     new Worker(code, { eval: true });`,
    ['0'],
  );
});
