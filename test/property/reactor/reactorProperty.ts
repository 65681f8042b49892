import fc from 'fast-check';
import type { Program } from './action.ts';
import type { OtherThread } from './otherThread.ts';
import { anyProgram } from './programs.ts';
import type { ReactorCoverage } from './reactorCoverage.ts';
import { ReactorWorld } from './reactorWorld.ts';

/** That a reactor serves every program as it promises. Not for a process that has listeners of `uncaughtException`. */
export function reactorProperty(thread: OtherThread, coverage: ReactorCoverage): fc.IAsyncProperty<[Program]> {
  return fc.asyncProperty(anyProgram, (program) => new ReactorWorld(program, thread, coverage).run());
}
