import type { OwnedFd } from '../../index.ts';
import type { Host, Source, WatchRequest } from './host.ts';
import type { SourceSpec } from './sourceSpec.ts';

/** The part of a request that differs between sources with one descriptor. */
export interface OpenedSource extends Pick<WatchRequest, 'events' | 'ready'> {
  readonly address?: string;
  /** What to do at the end besides closing the descriptor. */
  readonly onClose?: () => void;
}

/**
 * A source that owns one descriptor.
 *
 * @param fill sets the descriptor up and says how to watch it; when it throws, the descriptor is closed
 */
export function openedSource<Fd extends OwnedFd>(
  spec: SourceSpec,
  host: Host,
  owned: Fd,
  fill: (owned: Fd) => OpenedSource,
): Source {
  try {
    const { events, ready, address, onClose } = fill(owned);
    const watch = host.watch({ spec, target: owned, events, ready, ended: () => host.finish(spec) });
    const close = (): void => {
      watch.close();
      owned.close();
      onClose?.();
    };
    return { watch, close, ...(address === undefined ? {} : { address }) };
  } catch (error) {
    owned.close();
    throw error;
  }
}
