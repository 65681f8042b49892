/** Runs asynchronous tasks one after another, in the order in which they were given. */
export class TaskQueue {
  #last: Promise<unknown> | undefined;

  /** Whether no task runs or waits. */
  get idle(): boolean {
    return this.#last === undefined;
  }

  /** Runs the task when those before it have ended, however they did. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last === undefined ? task() : this.#last.then(task, task);
    this.#last = result;
    const ended = (): void => {
      if (this.#last === result) this.#last = undefined;
    };
    result.then(ended, ended);
    return result;
  }
}
