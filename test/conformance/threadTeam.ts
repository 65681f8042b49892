import { once } from 'node:events';
import { type MessagePort, MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Performed } from './interpreter.ts';
import { currentMask } from './signalMask.ts';
import type { NameBoard } from './nameBoard.ts';
import type { Step } from './step.ts';
import { ThreadBoard } from './threadBoard.ts';

/** What a thread is started with. */
export interface ThreadStart {
  readonly name: string;
  readonly directory: string;
  readonly names: SharedArrayBuffer;
  readonly board: SharedArrayBuffer;
  readonly threads: readonly string[];
  readonly port: MessagePort;
}

/** One step for a thread. The first one carries the signal mask that a thread inherits from its maker. */
export interface ThreadTask {
  readonly index: number;
  readonly step: Step;
  readonly mask: readonly number[] | undefined;
}

/** One result of a thread. */
export interface ThreadReport {
  readonly index: number;
  readonly performed: Performed;
}

/**
 * The worker threads of a scenario. All are started before its first step: afterwards the main thread may be blocked in
 * a system call, and nothing may need its event loop.
 */
export class ThreadTeam {
  readonly board: ThreadBoard;
  readonly #ports: ReadonlyMap<string, MessagePort>;
  readonly #begun = new Set<string>();

  private constructor(board: ThreadBoard, ports: ReadonlyMap<string, MessagePort>) {
    this.board = board;
    this.#ports = ports;
  }

  /** Starts the threads and waits until each is ready for a step. */
  static async start(threads: readonly string[], names: NameBoard, directory: string): Promise<ThreadTeam> {
    const board = new ThreadBoard(threads);
    const ports = new Map<string, MessagePort>();
    const ready = threads.map(async (name) => {
      const { port1, port2 } = new MessageChannel();
      const start: ThreadStart = { name, directory, names: names.memory, board: board.memory, threads, port: port2 };
      ports.set(name, port1);
      // Two threads in a blocking system call would be two threads that an event loop never hears of again: no unref
      // needed, the process ends by exit_group.
      const worker = new Worker(new URL('./threadMain.js', import.meta.url), {
        workerData: start,
        transferList: [port2],
      });
      await once(worker, 'message');
    });
    await Promise.all(ready);
    return new ThreadTeam(board, ports);
  }

  /** Gives a thread its next step and returns at once. */
  post(name: string, index: number, step: Step): void {
    const mask = this.#begun.has(name) ? undefined : currentMask();
    this.#begun.add(name);
    const task: ThreadTask = { index, step, mask };
    this.#ports.get(name)?.postMessage(task);
    this.board.announce(name);
  }

  /** The results of the steps finished so far that were not taken yet. */
  takeReports(): ThreadReport[] {
    const reports: ThreadReport[] = [];
    for (const port of this.#ports.values()) {
      for (let message = receiveMessageOnPort(port); message !== undefined; message = receiveMessageOnPort(port)) {
        reports.push(message.message as ThreadReport);
      }
    }
    return reports;
  }
}
