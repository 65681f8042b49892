/** The command line was typed wrongly: its message is one line that names the nearest valid form. Exit status 2. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}
