import { UnixListener, type UnixPath, type UnixStream } from '../../../net/index.ts';
import { unixNameText } from '../../../sys/abi/sockaddr.ts';
import type { Host, Source } from '../host.ts';
import type { UnixSpec } from '../sourceSpec.ts';
import { openListener } from './listener.ts';

/** `unix:PATH`, `unix:@NAME`: listens, accepts, and reports each connection. Removes its path at the end. */
export function openUnix(spec: UnixSpec, host: Host): Source {
  const listener = new UnixListener({ path: spec.path, replaceStale: true });
  return openListener({ spec, host, listener, address: () => shown(listener.localPath), peerOf });
}

// Mostly a client has no path: then its process tells more.
function peerOf(stream: UnixStream): string {
  const path = shown(stream.remotePath);
  if (path !== '') return path;
  const { pid, uid } = stream.peerCredentials;
  return `pid ${pid} uid ${uid}`;
}

function shown(path: UnixPath | null): string {
  return path === null ? '' : unixNameText(path);
}
