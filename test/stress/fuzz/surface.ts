import * as epoll from 'epoll-ts';
import * as inspect from 'epoll-ts/inspect';
import * as sys from 'epoll-ts/sys';
import type { Declarations } from './declarations.ts';
import { type Parameter, parametersOf } from './parameters.ts';

/** Something that a program can call. */
export interface Callable {
  readonly name: string;
  readonly kind: 'function' | 'constructor' | 'static' | 'method' | 'getter';
  readonly parameters: readonly Parameter[];
  /** The function; of a getter, the getter. */
  readonly target: Function;
}

/** Every function, constructor and static method that the package exports, found by walking the exports: nothing is listed by hand. */
export function exportedCallables({ internal }: Declarations): Callable[] {
  const found: Callable[] = [];
  for (const [prefix, module] of [
    ['', epoll],
    ['sys.', sys],
    ['inspect.', inspect],
  ] as const) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'function') continue;
      const target: Function = value;
      const isClass = Function.prototype.toString.call(target).startsWith('class');
      if (!isClass) found.push(callable(`${prefix}${name}`, 'function', target));
      else if (!internal.has(`${name}.constructor`)) found.push(callable(`${prefix}${name}`, 'constructor', target));
      if (isClass) found.push(...statics(`${prefix}${name}`, target));
    }
  }
  return found;
}

function statics(name: string, owner: Function): Callable[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner)).flatMap(([member, { value }]) =>
    typeof value === 'function' && member !== 'prototype'
      ? [callable(`${name}.${member}`, 'static', value as Function)]
      : [],
  );
}

const methods = new Map<object, Callable[]>();

/** The public methods and getters of an object, with those of its parents. */
export function methodsOf(object: object, { internal }: Declarations): readonly Callable[] {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === null) return [];
  const known = methods.get(prototype);
  if (known !== undefined) return known;
  const found = new Map<string, Callable>();
  for (let at: object | null = prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (at === Error.prototype) break;
    const owner = nameOf(at);
    for (const member of Reflect.ownKeys(at)) {
      const label = `${owner}.${String(member)}`;
      if (member === 'constructor' || found.has(String(member)) || internal.has(label)) continue;
      const { value, get } = Object.getOwnPropertyDescriptor(at, member) ?? {};
      if (typeof value === 'function') found.set(String(member), callable(label, 'method', value as Function));
      else if (get !== undefined) found.set(String(member), callable(label, 'getter', get));
    }
  }
  const list = [...found.values()];
  methods.set(prototype, list);
  return list;
}

function nameOf(prototype: object): string {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof maker !== 'function') return '';
  const { value } = Object.getOwnPropertyDescriptor(maker, 'name') ?? {};
  return typeof value === 'string' ? value : '';
}

function callable(name: string, kind: Callable['kind'], target: Function): Callable {
  return { name, kind, target, parameters: kind === 'getter' ? [] : parametersOf(target) };
}
