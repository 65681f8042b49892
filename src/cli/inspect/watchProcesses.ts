import { clearTimeout, setTimeout } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { SystemError } from '../../index.ts';
import { findings, inspectProcess, type ProcessSnapshot, ProcessTable } from '../../inspect/index.ts';
import { escapeJson, escapeText } from '../escape.ts';
import { EndSignals } from '../watch/endSignals.ts';
import { printText } from '../printText.ts';
import { wantsColour } from '../watch/render.ts';
import { type Change, changesBetween } from './changes.ts';
import { entryRates } from './entryRates.ts';
import { LiveScreen } from './liveScreen.ts';
import { type LiveProcess, LiveState } from './liveState.ts';
import type { InspectCommandOptions } from './options.ts';
import { paintWith } from './paint.ts';
import type { Report } from './report.ts';
import { preciseMs } from '../../sys/monotonicMs.ts';

const found = 3;
// What stays wrong for three looks is a finding; rates are of ten.
const looksForFindings = 3;
const looksForRates = 10;
// The looks of a large process take time: they may take a fifth of it.
const restShare = 4;

/**
 * `--watch`: looks again and again, until a key, a signal, the time or the end of the processes.
 *
 * @returns 0; 3 when something was wrong at the last look; 1 when no process could be looked into
 */
export async function watchProcesses(pids: readonly number[], options: InspectCommandOptions): Promise<number> {
  const end = new AbortController();
  const signals = new EndSignals(new Set(), () => end.abort());
  process.stdout.on('error', () => end.abort());
  const limit = options.forMs === null ? undefined : setTimeout(() => end.abort(), options.forMs);
  const output =
    process.stdout.isTTY && !options.json ? new LiveOutput(() => end.abort()) : new ChangeOutput(options.json);
  try {
    return await new Watching(pids, options, output).run(end.signal);
  } finally {
    output.close();
    clearTimeout(limit);
    await signals.grace();
    signals.close();
  }
}

interface Output {
  /** @returns the exit status of the writing alone */
  show(processes: readonly LiveProcess[]): Promise<number>;
  close(): void;
}

class Watching {
  readonly #options: InspectCommandOptions;
  readonly #output: Output;
  readonly #looks: Map<number, ProcessSnapshot[]>;
  readonly #ended = new Map<number, LiveProcess>();
  #faults: string[] = [];

  constructor(pids: readonly number[], options: InspectCommandOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    this.#looks = new Map(pids.map((pid) => [pid, []]));
  }

  async run(end: AbortSignal): Promise<number> {
    for (let first = true; ; first = false) {
      const begin = preciseMs();
      const processes = this.#look(first);
      if (first && processes.length === 0) {
        for (const fault of this.#faults) process.stderr.write(`epoll inspect: ${escapeText(fault)}\n`);
        return 1;
      }
      const unwritten = await this.#output.show(processes);
      if (unwritten !== 0) return unwritten;
      const took = preciseMs() - begin;
      const isOver = end.aborted || this.#looks.size === 0;
      if (isOver) return processes.some((each) => each.findings.length > 0) ? found : 0;
      await delay(Math.max(this.#options.everyMs - took, took * restShare), undefined, { signal: end }).catch(() => {});
    }
  }

  #look(first: boolean): LiveProcess[] {
    const table = new ProcessTable();
    const live = [...this.#looks].flatMap(([pid, looks]): LiveProcess[] => {
      try {
        const snapshot = inspectProcess(pid, { ready: this.#options.ready, table });
        if (looks.length > 0 && looks.at(-1)?.startTime !== snapshot.startTime) return this.#end(pid, looks);
        if (first && this.#options.all && snapshot.instances.length === 0) {
          this.#looks.delete(pid);
          return [];
        }
        looks.push(snapshot);
        if (looks.length > looksForRates) looks.shift();
        return [liveProcess(snapshot, looks)];
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        this.#faults.push(error.message);
        return this.#end(pid, looks);
      }
    });
    return [...live, ...this.#ended.values()];
  }

  #end(pid: number, looks: readonly ProcessSnapshot[]): LiveProcess[] {
    this.#looks.delete(pid);
    const last = looks.at(-1);
    if (last !== undefined) this.#ended.set(pid, { ...liveProcess(last, looks), ended: true });
    return [];
  }
}

function liveProcess(snapshot: ProcessSnapshot, looks: readonly ProcessSnapshot[]): LiveProcess {
  return { snapshot, findings: findings(looks.slice(-looksForFindings)), rates: entryRates(looks), ended: false };
}

class LiveOutput implements Output {
  readonly #state = new LiveState();
  readonly #paint = paintWith(wantsColour(process.stdout, process.env));
  readonly #screen: LiveScreen;
  #processes: readonly LiveProcess[] = [];

  constructor(quit: () => void) {
    this.#screen = new LiveScreen({
      key: (key) => {
        this.#state.press(key);
        this.#draw();
      },
      resized: () => this.#draw(),
      quit,
    });
  }

  async show(processes: readonly LiveProcess[]): Promise<number> {
    this.#processes = processes;
    this.#draw();
    return 0;
  }

  close(): void {
    this.#screen.close();
  }

  #draw(): void {
    this.#screen.draw(this.#state.lines(this.#processes, { ...this.#screen.size, paint: this.#paint }));
  }
}

class ChangeOutput implements Output {
  readonly #json: boolean;
  readonly #last = new Map<number, Report>();
  readonly #ended = new Set<number>();

  constructor(json: boolean) {
    this.#json = json;
  }

  async show(processes: readonly LiveProcess[]): Promise<number> {
    const lines: string[] = [];
    for (const { snapshot, findings: now, ended } of processes) {
      const { pid, name, instances } = snapshot;
      const before = this.#last.get(pid);
      this.#last.set(pid, { snapshot, findings: now });
      if (before === undefined) {
        const entries = instances.reduce((sum, instance) => sum + instance.entries.length, 0);
        process.stderr.write(
          `watching ${escapeText(name)}(${pid}): ${instances.length} instances, ${entries} entries\n`,
        );
      }
      // What is wrong already is a change for the one who begins to look.
      const base = before ?? { snapshot, findings: [] };
      for (const change of changesBetween(base, { snapshot, findings: now }))
        lines.push(this.#line(change, snapshot.time));
      if (ended && !this.#ended.has(pid)) {
        this.#ended.add(pid);
        process.stderr.write(`${escapeText(name)}(${pid}) has ended\n`);
      }
    }
    return lines.length > 0 ? printText(`${lines.join('\n')}\n`) : 0;
  }

  close(): void {}

  #line(change: Change, time: string): string {
    if (this.#json) return escapeJson(JSON.stringify({ time, ...change }));
    const { pid, name, epfd, fd, what, detail } = change;
    const where = [epfd === null ? '' : ` epoll fd ${epfd}`, fd === null ? '' : ` fd ${fd}`].join('');
    return `${time.slice(11, 23)}  ${escapeText(name)}(${pid})${where}  ${what}  ${escapeText(detail)}`;
  }
}
