/// <reference types="node" preserve="true" />
// `epoll-ts/inspect`: the interest lists of running processes, and what is wrong with them.
export { findProcesses, type FoundProcess } from './findProcesses.ts';
export { type InspectOptions, inspectProcess } from './inspectProcess.ts';
export type {
  Backlog,
  EpollInstance,
  InspectedEntry,
  Missing,
  OtherWatcher,
  ProcessSnapshot,
  SharedInstance,
  ThreadTime,
  WatchLimit,
} from './processSnapshot.ts';
export { ProcessTable, type ProcessRow } from './processTable.ts';
export { type SampleOptions, sampleProcess } from './sampleProcess.ts';
export type * from './target.ts';
export type { Finding, FindingCode } from './findings/finding.ts';
export { findings } from './findings/findings.ts';
