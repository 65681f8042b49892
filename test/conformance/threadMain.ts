// The body of a worker thread that carries out the steps of `T1: …`.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { gettid } from 'epoll-ts/sys';
import { perform } from './interpreter.ts';
import type { Rig } from './rig.ts';
import { NameBoard } from './nameBoard.ts';
import { blockAllSignals, setMask } from './signalMask.ts';
import { ThreadBoard } from './threadBoard.ts';
import type { ThreadReport, ThreadStart, ThreadTask } from './threadTeam.ts';

const { name, directory, names, board, threads, port } = workerData as ThreadStart;
const rig: Rig = { names: new NameBoard(names), board: new ThreadBoard(threads, board), directory };
// A thread of the language exists from its first step on: until then no signal for the process may find it.
blockAllSignals();
rig.names.set('thread', name, gettid());
parentPort?.postMessage('ready');
for (let taken = 0; ; taken++) {
  rig.board.awaitStep(name, taken);
  const received = receiveMessageOnPort(port);
  if (received === undefined) throw new Error(`Cannot carry out step ${taken} of ${name} as it was not posted`);
  const { index, step, mask } = received.message as ThreadTask;
  if (mask !== undefined) setMask(mask);
  const report: ThreadReport = { index, performed: perform(step, rig) };
  port.postMessage(report);
  rig.board.finish(name);
}
