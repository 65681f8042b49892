import type { InspectCommandOptions } from './options.ts';

/** `--watch`. */
export async function watchProcesses(_pids: readonly number[], _options: InspectCommandOptions): Promise<number> {
  return 1;
}
