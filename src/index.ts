/// <reference types="node" preserve="true" />
// `epoll-ts`: objects over the kernel's descriptors, and the reactor. The man pages one to one are `epoll-ts/sys`.
export { ClosedError } from './fd/closedError.ts';
export { Epoll, type WaitOptions } from './fd/epoll.ts';
export type { EpollEntry } from './fd/epollEntry.ts';
export type { FdLike } from './fd/fdLike.ts';
export { EventFd, type EventFdOptions } from './fd/eventFd.ts';
export { Inotify, type InotifyEvent, type Watch } from './fd/inotify.ts';
export { formatInotifyMask } from './fd/inotifyMask.ts';
export type { Mount, MountChanges } from './fd/mountInfo.ts';
export { MountWatch } from './fd/mountWatch.ts';
export { OwnedFd } from './fd/ownedFd.ts';
export { PidFd } from './fd/pidFd.ts';
export { Pipe, PipeReader, PipeWriter } from './fd/pipe.ts';
export type { PressureReport } from './fd/pressureSamples.ts';
export {
  type PressureResource,
  type PressureShare,
  PressureStall,
  type PressureStallOptions,
} from './fd/pressureStall.ts';
export { SignalFd, type SignalFdOptions, type SignalInfo } from './fd/signalFd.ts';
export { SystemError, type SystemErrorSubject } from './fd/systemError.ts';
export { type TimerClock, TimerFd, type TimerFdOptions, type TimerSetting } from './fd/timerFd.ts';
export type { ExclusiveInterest, Interest, SharedInterest, Trigger } from './reactor/interest.ts';
export { Reactor } from './reactor/reactor.ts';
export type { ReactorOptions, RunOptions } from './reactor/reactorOptions.ts';
export { isError, isHangup, isPriority, isReadable, isReadHangup, isWritable } from './reactor/readiness.ts';
export type { ExclusiveRegistration, ReadinessHandler, Registration } from './reactor/registration.ts';
export type { RegistrationState } from './reactor/registrationState.ts';
export type { ReactorSnapshot, RegistrationSnapshot } from './reactor/snapshot.ts';
export type { ReadinessOptions } from './reactor/waiters.ts';
export { Waker } from './reactor/waker.ts';
export { EpollEventBuffer, formatEvents, SignalSet, UnsupportedError } from './sys/index.ts';
