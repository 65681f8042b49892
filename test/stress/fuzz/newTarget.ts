import type { Random } from './random.ts';

/**
 * What the class of a new object is, when a class is called with `new`: itself, a child with tricks, or no class at
 * all.
 */
export function newTarget(random: Random, base: Function, act: () => void): Function {
  if (random.chance(90)) return base;
  const parent = base as new (...args: unknown[]) => object;
  return random.pick<() => Function>([
    () => class extends parent {},
    () =>
      class extends parent {
        static override get name(): string {
          act();
          return 'Trick';
        }
      },
    () =>
      class extends parent {
        get fd(): number {
          act();
          return -5;
        }
        get closed(): boolean {
          return false;
        }
      },
    () =>
      class extends parent {
        constructor(...args: unknown[]) {
          super(...args);
          act();
        }
      },
    () => Object,
    () => Object.defineProperty(function bare() {}, 'prototype', { value: null, writable: true }),
    () => Object.defineProperty(function bare() {}, 'name', { value: Symbol('name') }),
  ])();
}
