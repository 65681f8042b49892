import { gettid } from 'epoll-ts/sys';
import type { Entry } from './catalogue.ts';
import { compare } from './expectation.ts';
import { perform, type Performed } from './interpreter.ts';
import { syscall } from './raw/syscall.ts';
import type { Rig } from './rig.ts';
import { NameBoard } from './nameBoard.ts';
import { orderedByTime } from './orderedByTime.ts';
import { parseStep, type Step, threadNames } from './step.ts';
import type { StepResult } from './stepResult.ts';
import { ThreadTeam } from './threadTeam.ts';

/** One way in which an entry failed. */
export interface Failure {
  /** Index of the step in the catalogue; undefined where it is not about one step. */
  readonly step: number | undefined;
  readonly text: string;
  /**
   * A machine that is late does that: a time that is too long, or what is otherwise where time has to make the order.
   */
  readonly late?: boolean;
}

const sigkill = 9;
const pPid = 1;
const siginfoBytes = 128;
// WEXITED | WNOHANG | WNOWAIT
const lookOnly = 0x4 | 0x1 | 0x01000000;

/** The thread that carries out a scenario's own steps, with its helpers ready. */
export class Scenario {
  readonly #entry: Entry;
  readonly #steps: readonly Step[];
  readonly #rig: Rig;
  readonly #team: ThreadTeam;

  private constructor(entry: Entry, steps: readonly Step[], rig: Rig, team: ThreadTeam) {
    this.#entry = entry;
    this.#steps = steps;
    this.#rig = rig;
    this.#team = team;
  }

  /** Starts the threads that the entry's steps name. */
  static async prepare(entry: Entry, directory: string): Promise<Scenario> {
    const steps = entry.setup.map(parseStep);
    const names = new NameBoard();
    names.set('thread', 'main', gettid());
    const team = await ThreadTeam.start(threadNames(steps), names, directory);
    return new Scenario(entry, steps, { names, board: team.board, directory }, team);
  }

  /** The kernel's numbers of the threads that belong to the scenario. */
  get threadIds(): number[] {
    return this.#rig.names.entries('thread').map(([, tid]) => Number(tid));
  }

  /**
   * Carries out all steps without ever returning to the event loop, and compares. Empty: the entry passed.
   *
   * @param stuckLimitMs how long the threads may take after the last step
   */
  run(stuckLimitMs: number): Failure[] {
    const performed = new Map<number, Performed>();
    for (const [index, step] of this.#steps.entries()) {
      if (step.thread !== undefined) {
        this.#team.post(step.thread, index, step);
        continue;
      }
      const done = perform(step, this.#rig);
      performed.set(index, done);
      // What follows would only fail because of this one.
      if (done.result.error !== undefined)
        return [{ step: index, text: `could not be carried out: ${done.result.error}` }];
    }
    const stuck = this.#team.board.names.filter((name) => !this.#team.board.join(name, stuckLimitMs));
    for (const report of this.#team.takeReports()) performed.set(report.index, report.performed);
    return [
      ...stuck.map((name) => ({ step: undefined, text: `thread ${name} did not finish its steps` })),
      ...[...performed]
        .filter(([, { defect }]) => defect)
        .map(([step, { result }]) => ({ step, text: `threw ${result.error}` })),
      ...this.#mismatches(results(performed)),
    ];
  }

  #mismatches(got: ReadonlyMap<number, StepResult>): Failure[] {
    const mismatches = compare(this.#entry.expect, got);
    return orderedByTime(this.#steps) ? mismatches.map((each) => ({ ...each, late: true })) : mismatches;
  }

  /**
   * Ends the processes that the steps started. One that was reaped is left alone: its number may be another's by now.
   */
  killProcesses(): void {
    for (const [, pid] of this.#rig.names.entries('process')) {
      const isChild = syscall('waitid', pPid, Number(pid), new Uint8Array(siginfoBytes), lookOnly, null) >= 0;
      if (isChild) syscall('kill', Number(pid), sigkill);
    }
  }
}

function results(performed: ReadonlyMap<number, Performed>): Map<number, StepResult> {
  return new Map([...performed].map(([index, { result }]) => [index, result]));
}
