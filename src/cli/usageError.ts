/** The command line was typed wrongly: its message is one line that names the nearest valid form. Exit status 2. */
export class UsageError extends Error {
  static {
    // Not assigned: that throws where Error.prototype is frozen.
    Object.defineProperty(this.prototype, 'name', { value: 'UsageError', configurable: true, writable: true });
  }
}
