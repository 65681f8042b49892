import { AsyncResource } from 'node:async_hooks';

const ids: ReadonlySet<string | undefined> = new Set(['async_id_symbol', 'trigger_async_id_symbol']);

/**
 * Where a resource keeps the stores of AsyncLocalStorage: each under a symbol of its own (Node 20 and 22), or all in
 * one map (`context_frame`, Node 24 and newer).
 */
export function storesOf(resource: AsyncResource): symbol[] {
  return Object.getOwnPropertySymbols(resource).filter(({ description }) => !ids.has(description));
}

let none: AsyncResource | undefined;

/**
 * Calls back where no AsyncLocalStorage has a store: what is scheduled there belongs to nobody. Otherwise all handlers
 * would see the stores of whoever registered first, or imported this package.
 */
export function inEmptyContext<T>(callback: () => T): T {
  none ??= emptied(new AsyncResource('EPOLLREACTOR'));
  return none.runInAsyncScope(callback);
}

function emptied(resource: AsyncResource): AsyncResource {
  for (const symbol of storesOf(resource)) Reflect.set(resource, symbol, undefined);
  return resource;
}
