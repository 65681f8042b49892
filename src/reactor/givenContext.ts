import { AsyncResource, executionAsyncId } from 'node:async_hooks';
import { storesOf } from '../sys/ffi/emptyContext.ts';

/**
 * The asynchronous context of who calls this, to be kept with a callback: its stores of AsyncLocalStorage, as Node's
 * own objects have it. Whether there is a store takes longer to find out than all the rest of a registration:
 * `contextWithStore`, when the callback is called first.
 */
export function givenContext(): AsyncResource {
  // The id is given, as Node looks for it in a slower way.
  return new AsyncResource('EPOLLHANDLER', executionAsyncId());
}

/** The same context; undefined where no AsyncLocalStorage has a store, and a callback is called as it is. */
export function contextWithStore(context: AsyncResource): AsyncResource | undefined {
  return holdsStore(context) ? context : undefined;
}

/** Has a callback run in the context of who calls this. */
export function inGivenContext<T>(callback: (value: T) => void): (value: T) => void {
  let context: AsyncResource | undefined = givenContext();
  let known = false;
  return (value) => {
    if (!known) {
      known = true;
      context = context && contextWithStore(context);
    }
    if (context === undefined) callback(value);
    else context.runInAsyncScope(callback, undefined, value);
  };
}

function holdsStore(resource: AsyncResource): boolean {
  return storesOf(resource).some((symbol) => {
    const value: unknown = Reflect.get(resource, symbol);
    // A frame stays when its stores are gone.
    if (symbol.description !== 'context_frame' || !(value instanceof Map)) return value !== undefined;
    return [...value.values()].some((store) => store !== undefined);
  });
}
