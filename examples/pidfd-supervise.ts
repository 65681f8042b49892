// Supervision without polling and without pid races: a pidfd becomes readable when its process ends, whoever started
// it.
//
//   npm run example pidfd-supervise
import { spawn } from 'node:child_process';
import { PidFd, Reactor } from 'epoll-ts';

const reactor = new Reactor();
const limit = 3;

function start(attempt: number): void {
  const child = spawn(process.execPath, ['-e', 'process.exit(7)'], { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('Cannot start the child process');
  const process_ = new PidFd(child.pid);
  console.log(`attempt ${attempt} started`);
  // One-shot: an ended process stays readable, and one event is all that is needed.
  reactor.register(process_, { readable: true, trigger: 'oneshot' }, () => {
    console.log(`attempt ${attempt} ended: ${process_.exited}`);
    process_.close();
    if (attempt < limit) start(attempt + 1);
    else console.log('giving up');
  });
}

start(1);
