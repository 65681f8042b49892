import { milliseconds } from '../../fd/milliseconds.ts';
import { Reactor } from '../../reactor/reactor.ts';
import { anAbortSignal, anInstance } from '../../sys/optionKind.ts';
import type { OptionKind, OptionKinds } from '../../sys/optionsReader.ts';
import type { OperationOptions } from './deadline.ts';
import type { SocketOptions } from './socket.ts';

/** Milliseconds, from 0 on, of which a part is rounded up. */
export const aTimeout: OptionKind<number> = (value, name, action) => {
  milliseconds(value as number, name, action);
  return value as number;
};

/** The options of everything that waits. */
export const operationKinds: OptionKinds<OperationOptions> = { signal: anAbortSignal, timeoutMs: aTimeout };

/** The options of every socket. */
export const socketKinds: OptionKinds<SocketOptions> = { reactor: anInstance(Reactor, 'a Reactor') };
