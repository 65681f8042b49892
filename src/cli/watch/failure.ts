import { SystemError } from '../../index.ts';
import { EADDRINUSE, EINVAL, EPERM } from '../../sys/index.ts';
import { linkOf } from './runtimeDescriptors.ts';
import type { SourceSpec } from './sourceSpec.ts';

/** Why a source can't be watched, in one line, and what to do. */
export function failureText(spec: SourceSpec, error: unknown): string {
  if (error instanceof SystemError && error.errno === -EPERM && error.syscall === 'epoll_ctl') {
    return (
      `EPERM: ${fileOf(spec, error)} can't be polled: ` +
      `regular files, directories and /dev/null are always ready; ${instead(spec)}`
    );
  }
  if (error instanceof SystemError && error.errno === -EINVAL && spec.kind === 'psi') {
    const { resource, share } = spec.trigger;
    const example = `psi:${resource}:${share}:100ms/2s`;
    return `EINVAL: without CAP_SYS_RESOURCE the window must be a multiple of 2s: for example ${example}`;
  }
  if (error instanceof SystemError && error.errno === -EADDRINUSE && 'address' in spec) {
    const { host, port } = spec.address;
    return (
      `EADDRINUSE: another program has port ${port}: ` +
      `choose another one, or ${spec.kind}:${host ?? '*'}:0 for a free one`
    );
  }
  return error instanceof Error ? error.message : String(error);
}

function fileOf(spec: SourceSpec, { fd }: SystemError): string {
  return spec.kind === 'path' ? spec.path : (linkOf(fd ?? -1) ?? 'it');
}

function instead(spec: SourceSpec): string {
  return spec.kind === 'path' ? `inotify:${spec.path} tells of changes` : 'give it a terminal, a pipe or a socket';
}
