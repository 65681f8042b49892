import { EventEmitter } from 'node:events';
import { Duplex, Readable, Stream, Writable } from 'node:stream';
import * as epoll from 'epoll-ts';
import * as inspect from 'epoll-ts/inspect';
import * as net from 'epoll-ts/net';
import * as sys from 'epoll-ts/sys';
import type { Declarations } from './declarations.ts';
import { type Parameter, parametersOf } from './parameters.ts';

/** Something that a program can call. */
export interface Callable {
  readonly name: string;
  readonly kind: 'function' | 'constructor' | 'static' | 'method' | 'getter' | 'setter';
  /** Whether it is of `epoll-ts/net`, or of a stream of Node's that is made there. */
  readonly net: boolean;
  readonly parameters: readonly Parameter[];
  /** The function; of a getter or setter, that. */
  readonly target: Function;
}

// What these have is Node's, and only of the streams that programs use.
const nodePrototypes: ReadonlySet<object> = new Set(
  [Duplex, Readable, Writable, Stream, EventEmitter].map(({ prototype }) => prototype as object),
);
const streamMethods = ['read', 'write', 'end', 'destroy', 'pause', 'resume', 'cork', 'uncork'];
const webStream = /^(?:Readable|Writable)(?:Byte)?Stream/;

/**
 * Every function, constructor and static method that the package exports, found by walking the exports: nothing is
 * listed by hand.
 */
export function exportedCallables(declarations: Declarations): Callable[] {
  const found: Callable[] = [];
  for (const [prefix, module] of [
    ['', epoll],
    ['sys.', sys],
    ['inspect.', inspect],
    ['net.', net],
  ] as const) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'function') continue;
      const target: Function = value;
      const isClass = Function.prototype.toString.call(target).startsWith('class');
      const make = (label: string, kind: Callable['kind'], member: Function): Callable => ({
        name: `${prefix}${kind === 'constructor' ? name : label}`,
        kind,
        net: prefix === 'net.',
        target: member,
        parameters: parametersOf(member, label, declarations),
      });
      if (!isClass) found.push(make(name, 'function', target));
      else if (declarations.isPublic(name, 'constructor')) {
        found.push(make(`${name}.constructor`, 'constructor', target));
      }
      if (isClass) {
        for (const [member, own] of statics(target)) {
          if (declarations.isPublic(name, member)) found.push(make(`${name}.${member}`, 'static', own));
        }
      }
    }
  }
  return found;
}

function statics(owner: Function): [string, Function][] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner)).flatMap(([member, { value }]) =>
    typeof value === 'function' && member !== 'prototype' ? [[member, value as Function] as [string, Function]] : [],
  );
}

const methods = new Map<object, Callable[]>();

/** The public methods, getters and setters of an object, with those of its parents. */
export function methodsOf(object: object, declarations: Declarations): readonly Callable[] {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === null) return [];
  const known = methods.get(prototype);
  if (known !== undefined) return known;
  const found = new Map<string, Callable>();
  for (let at: object | null = prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    if (at === Error.prototype) break;
    const node = nodePrototypes.has(at);
    // By their symbols Node's streams do what is not for programs.
    const keys = webStream.test(nameOf(at))
      ? [...Object.getOwnPropertyNames(at), Symbol.asyncIterator]
      : Reflect.ownKeys(at);
    for (const member of node ? streamMethods : keys) {
      for (const one of membersOf(at, member, declarations)) {
        // What starts with _ is for Node's stream classes to call.
        if (!found.has(one.name.slice(one.name.indexOf('.'))) && !/\._/.test(one.name))
          found.set(one.name.slice(one.name.indexOf('.')), one);
      }
    }
  }
  const list = [...found.values()];
  methods.set(prototype, list);
  return list;
}

function membersOf(owner: object, member: string | symbol, declarations: Declarations): Callable[] {
  const maker = nameOf(owner);
  const name = `${maker}.${String(member)}`;
  if (member === 'constructor' || !declarations.isPublic(maker, member)) return [];
  const net = declarations.netClasses.has(maker) || nodePrototypes.has(owner) || webStream.test(maker);
  const { value, get, set } = Object.getOwnPropertyDescriptor(owner, member) ?? {};
  const parameters = (target: Function): Parameter[] => parametersOf(target, name, declarations);
  const found: Callable[] = [];
  if (typeof value === 'function') {
    const target: Function = value;
    found.push({ name, kind: 'method', net, target, parameters: parameters(target) });
  }
  if (get !== undefined) found.push({ name, kind: 'getter', net, target: get, parameters: [] });
  if (set !== undefined)
    found.push({ name: `${name}=`, kind: 'setter', net, target: set, parameters: parameters(set) });
  return found;
}

function nameOf(prototype: object): string {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof maker !== 'function') return '';
  const { value } = Object.getOwnPropertyDescriptor(maker, 'name') ?? {};
  return typeof value === 'string' ? value : '';
}
