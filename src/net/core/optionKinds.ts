import { milliseconds } from '../../fd/milliseconds.ts';
import { Reactor } from '../../reactor/reactor.ts';
import { anAbortSignal, anInstance } from '../../sys/optionKind.ts';
import { type OptionKinds, optionsReader, type OptionsReader } from '../../sys/optionsReader.ts';
import type { OperationOptions } from './deadline.ts';
import type { SocketOptions } from './socket.ts';

/** The options of everything that waits. */
export const operationKinds: OptionKinds<OperationOptions> = { signal: anAbortSignal, timeoutMs: milliseconds };

/** Reads the options of an operation that has no others. */
export const readOperation: OptionsReader<OperationOptions> = optionsReader(
  'wait',
  '{ timeoutMs: 1000 }',
  operationKinds,
);

/** The options of every socket. */
export const socketKinds: OptionKinds<SocketOptions> = { reactor: anInstance(Reactor, 'a Reactor') };
