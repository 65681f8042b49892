import type { PressureResource, PressureShare } from '../../index.ts';

/** Where a socket listens: host null for every address of the machine, port 0 for a free one. */
export interface HostPort {
  readonly host: string | null;
  readonly port: number;
}

/** A pressure-stall trigger: tell when tasks were stalled for `stallMs` within `windowMs`. */
export interface PsiTrigger {
  readonly resource: PressureResource;
  readonly share: PressureShare;
  readonly stallMs: number;
  readonly windowMs: number;
}

interface Named {
  /** As the user typed it: the name in all output. */
  readonly name: string;
}

export type StdinSpec = Named & { readonly kind: 'stdin' };
export type FdSpec = Named & { readonly kind: 'fd'; readonly fd: number };
export type TimerSpec = Named & { readonly kind: 'timer'; readonly everyNs: bigint };
export type InotifySpec = Named & { readonly kind: 'inotify'; readonly path: string };
export type PidSpec = Named & { readonly kind: 'pid'; readonly pid: number };
export type SignalSpec = Named & { readonly kind: 'signal'; readonly signal: string };
export type PsiSpec = Named & { readonly kind: 'psi'; readonly trigger: PsiTrigger };
export type TcpSpec = Named & { readonly kind: 'tcp'; readonly address: HostPort };
export type UdpSpec = Named & { readonly kind: 'udp'; readonly address: HostPort };
/** A path that starts with NUL is a name in the abstract namespace. */
export type UnixSpec = Named & { readonly kind: 'unix'; readonly path: string };
export type PathSpec = Named & { readonly kind: 'path'; readonly path: string };

/** What to wait on. */
export type SourceSpec =
  | StdinSpec
  | FdSpec
  | TimerSpec
  | InotifySpec
  | PidSpec
  | SignalSpec
  | PsiSpec
  | TcpSpec
  | UdpSpec
  | UnixSpec
  | PathSpec;
