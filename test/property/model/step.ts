import * as sys from 'epoll-ts/sys';
import { ModelEpoll } from './modelEpoll.ts';
import { ModelEventfd } from './modelEventfd.ts';
import type { ModelKernel } from './modelKernel.ts';
import { ModelStream } from './modelStream.ts';
import type { KernelPair } from './kernelPair.ts';

/**
 * One call, as plain data, so that a counterexample can be kept as it was printed. Operands are positions: they choose,
 * by their remainder, among the descriptors that there are when it is the step's turn.
 */
export type Step =
  | { readonly do: 'epoll' | 'pipe' | 'streams' }
  | { readonly do: 'eventfd'; readonly initial: number; readonly semaphore: boolean }
  | { readonly do: 'add' | 'mod'; readonly ep: number; readonly fd: number; readonly events: number }
  | { readonly do: 'del'; readonly ep: number; readonly fd: number }
  | { readonly do: 'write' | 'read' | 'shutdown'; readonly fd: number; readonly size: number }
  | { readonly do: 'fill' | 'drain' | 'dup' | 'renumber' | 'close'; readonly fd: number }
  | { readonly do: 'wait'; readonly ep: number; readonly max: number }
  | { readonly do: 'list'; readonly ep: number };

const mostInstances = 3;
const mostDescriptors = 24;
// A segment of up to 64 bytes costs 768 of the 53,248 bytes up to which a stream socket is writable.
const mostSegments = 40;
const operations = { add: sys.EPOLL_CTL_ADD, mod: sys.EPOLL_CTL_MOD, del: sys.EPOLL_CTL_DEL };

/** The call that a step is now; undefined when there is no descriptor for it. */
export function callOf(step: Step, model: ModelKernel): ((pair: KernelPair) => void) | undefined {
  switch (step.do) {
    case 'epoll':
      return model.instances.length < mostInstances ? (pair) => pair.epoll() : undefined;
    case 'pipe':
      return hasRoom(model) ? (pair) => pair.pipe() : undefined;
    case 'streams':
      return hasRoom(model) ? (pair) => pair.streams() : undefined;
    case 'eventfd':
      return hasRoom(model) ? (pair) => pair.eventfd(step.initial, step.semaphore) : undefined;
    case 'wait':
      return on(instanceAt(model, step.ep), (pair, epfd) => pair.wait(epfd, step.max));
    case 'list':
      return on(instanceAt(model, step.ep), (pair, epfd) => pair.list(epfd));
    case 'add':
    case 'mod':
    case 'del':
      return controlCall(step, model);
    default:
      return fileCall(step, model);
  }
}

function controlCall(
  step: Extract<Step, { do: 'add' | 'mod' | 'del' }>,
  model: ModelKernel,
): ((pair: KernelPair) => void) | undefined {
  // Numbers that are closed are asked for too: EBADF, and nothing of their ghosts changes.
  const fd = at(model.everUsed, step.fd);
  const events = step.do === 'del' ? 0 : step.events;
  if (fd === undefined) return undefined;
  return on(instanceAt(model, step.ep), (pair, epfd) => pair.control(epfd, operations[step.do], fd, events));
}

function fileCall(
  step: Extract<Step, { do: 'write' | 'read' | 'shutdown' | 'fill' | 'drain' | 'dup' | 'renumber' | 'close' }>,
  model: ModelKernel,
): ((pair: KernelPair) => void) | undefined {
  switch (step.do) {
    case 'write': {
      const fd = at(writable(model), step.fd);
      return on(fd, (pair, number) => pair.write(number, sizeFor(model, number, step.size)));
    }
    case 'fill':
      return on(at(writable(model), step.fd), (pair, number) => pair.fill(number));
    case 'read':
      return on(at(readable(model), step.fd), (pair, fd) => pair.read(fd, sizeFor(model, fd, step.size)));
    case 'drain':
      return on(at(readable(model), step.fd), (pair, fd) => pair.read(fd, 1 << 20));
    case 'shutdown': {
      const streams = model.numbers((file) => file instanceof ModelStream);
      return on(at(streams, step.fd), (pair, fd) => pair.shutdown(fd, step.size % 3));
    }
    case 'dup':
      return hasRoom(model) ? on(at(model.numbers(), step.fd), (pair, fd) => pair.dup(fd)) : undefined;
    case 'renumber':
      // Whatever was added under the old number is a ghost from now on.
      return on(at(model.numbers(), step.fd), (pair, fd) => {
        pair.dup(fd);
        pair.close(fd);
      });
    case 'close':
      return on(at(model.numbers(), step.fd), (pair, fd) => pair.close(fd));
  }
}

function hasRoom(model: ModelKernel): boolean {
  return model.numbers().length < mostDescriptors;
}

function on(fd: number | undefined, call: (pair: KernelPair, fd: number) => void) {
  return fd === undefined ? undefined : (pair: KernelPair) => call(pair, fd);
}

function at(numbers: readonly number[], position: number): number | undefined {
  return numbers[position % numbers.length];
}

function instanceAt(model: ModelKernel, position: number): number | undefined {
  return at(
    model.numbers((file) => file instanceof ModelEpoll),
    position,
  );
}

function writable(model: ModelKernel): number[] {
  return model.numbers((file) => {
    if (file instanceof ModelStream) return file.sure && file.segments < mostSegments;
    return file.kind === 'eventfd' || file.kind === 'pipe writer';
  });
}

function readable(model: ModelKernel): number[] {
  return model.numbers(({ kind }) => kind === 'eventfd' || kind === 'pipe reader' || kind === 'stream socket');
}

/** Sizes that matter to the file: 0 and small counts; whole pages and parts of them; less than a socket's segment. */
function sizeFor(model: ModelKernel, fd: number, size: number): number {
  const file = model.fileOf(fd);
  if (file instanceof ModelEventfd) return size % 4;
  if (file instanceof ModelStream) return 1 + (size % 64);
  return [1, 100, 1000, 4095, 4096, 4097, 10_000, 65_536][size % 8] ?? 1;
}
