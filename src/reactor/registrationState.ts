/** How a registration stands, as plain data. */
export interface RegistrationState {
  readonly fd: number;
  /** The mask asked for, trigger bits included. */
  readonly events: number;
  /** false: a one-shot that has fired and was not armed again, or one without a handler that nobody waits for. */
  readonly armed: boolean;
  /** Milliseconds since it was disarmed; null while it is armed. */
  readonly disarmedForMs: number | null;
  /** Whether it keeps the process alive: it is ref'd and has a handler or somebody waits for it. */
  readonly keepsAlive: boolean;
  /** Events delivered so far. */
  readonly delivered: number;
  /** The mask of the last event, 0 before the first. */
  readonly lastReadiness: number;
}
