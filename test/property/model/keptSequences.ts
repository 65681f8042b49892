import { EPOLLET, EPOLLEXCLUSIVE, EPOLLIN, EPOLLONESHOT, EPOLLOUT, EPOLLRDBAND, EPOLLRDNORM } from 'epoll-ts/sys';
import type { Step } from './step.ts';

// Positions at the start: of all numbers 0 instance, 1 eventfd, 2 pipe reader, 3 pipe writer, 4 and 5 streams, 6
// instance, then what is made later; of what can be written to 0 eventfd, 1 pipe, 2 and 3 streams, and read from
// likewise.
const inEdge = EPOLLIN | EPOLLET;
const outEdge = EPOLLOUT | EPOLLET;
const wait = (ep: number, max = 1): Step => ({ do: 'wait', ep, max });
const add = (ep: number, fd: number, events: number): Step => ({ do: 'add', ep, fd, events });
const on = (what: 'write' | 'read', fd: number, size = 1): Step => ({ do: what, fd, size });

/**
 * Sequences on which a model failed that did not know what the name says: shrunk counterexamples of such models,
 * written anew with the fewest steps.
 */
export const keptSequences: Readonly<Record<string, readonly Step[]>> = {
  'of two numbers of one file the one that was added last is ready first': [
    { do: 'dup', fd: 1 },
    add(0, 1, inEdge),
    add(0, 7, inEdge),
    on('write', 0),
    wait(0),
    wait(0),
  ],
  'exclusive entries are ready in the order in which they were added, after all others': [
    { do: 'dup', fd: 1 },
    { do: 'dup', fd: 1 },
    add(0, 1, inEdge | EPOLLEXCLUSIVE),
    add(0, 7, inEdge),
    add(0, 8, inEdge | EPOLLEXCLUSIVE),
    on('write', 0),
    wait(0),
    wait(0),
    wait(0),
  ],
  'writing 0 to an eventfd is an edge': [add(0, 1, inEdge), on('write', 0), wait(0), on('write', 0, 0), wait(0)],
  'reading an eventfd that had room is an edge': [on('write', 0), add(0, 1, outEdge), wait(0), on('read', 0), wait(0)],
  'each write to a pipe is an edge, and one that answers EAGAIN too': [
    add(0, 2, inEdge),
    on('write', 1),
    wait(0),
    on('write', 1),
    wait(0),
    { do: 'fill', fd: 1 },
    wait(0),
    { do: 'fill', fd: 1 },
    wait(0),
  ],
  'a read from a pipe is an edge for its writer only when it empties a page of a full ring': [
    add(0, 3, outEdge),
    wait(0),
    on('write', 1),
    on('read', 1),
    wait(0),
    { do: 'fill', fd: 1 },
    on('read', 1, 1),
    wait(0),
    on('read', 1, 4),
    wait(0),
  ],
  'a full pipe takes a small write into its last page': [
    { do: 'fill', fd: 1 },
    on('read', 1, 4),
    on('write', 1, 1),
    add(0, 3, EPOLLOUT),
    wait(0),
    on('write', 1, 1),
    wait(0),
  ],
  'a read from a socket is an edge for the other end, which had room': [
    on('write', 2),
    add(0, 4, outEdge),
    wait(0),
    on('read', 3),
    wait(0),
  ],
  'new data wakes an entry that asked for EPOLLRDBAND, and it is reported for what else it asked for': [
    add(0, 4, outEdge | EPOLLRDBAND),
    wait(0),
    on('write', 3),
    wait(0),
  ],
  'a socket whose peer closed with unread data has an error until one read': [
    on('write', 2),
    add(0, 4, EPOLLIN),
    { do: 'close', fd: 5 },
    wait(0),
    on('read', 2),
    wait(0),
    on('read', 2),
  ],
  'what did not fit comes before what was reported': [
    add(0, 1, EPOLLOUT),
    add(0, 3, EPOLLOUT),
    add(0, 4, EPOLLOUT),
    wait(0, 2),
    wait(0, 2),
    wait(0, 2),
  ],
  'EPOLL_CTL_MOD leaves a ready entry at its place': [
    add(0, 1, EPOLLOUT),
    add(0, 3, EPOLLOUT),
    { do: 'mod', ep: 0, fd: 1, events: outEdge },
    wait(0),
    wait(0),
  ],
  'an entry that is not ready any more keeps its place in the ready list until it is asked': [
    add(0, 1, EPOLLIN),
    on('write', 0),
    on('read', 0),
    add(0, 3, EPOLLOUT),
    on('write', 0),
    wait(0),
    wait(0),
  ],
  'EPOLLRDNORM alone is no event of an inner instance, but present readiness is reported': [
    add(1, 1, inEdge),
    add(0, 6, EPOLLRDNORM | EPOLLET),
    on('write', 0),
    wait(0),
    { do: 'mod', ep: 0, fd: 6, events: EPOLLRDNORM | EPOLLET },
    wait(0),
  ],
  'asking an inner instance takes out of its ready list what is not ready': [
    add(1, 1, EPOLLIN),
    on('write', 0),
    on('read', 0),
    add(1, 3, EPOLLOUT),
    add(0, 6, EPOLLIN),
    on('write', 0),
    wait(1),
    wait(1),
  ],
  'each event of an inner instance is an edge for the outer one, though it was ready before': [
    add(1, 1, inEdge),
    add(1, 2, inEdge),
    add(0, 6, inEdge),
    on('write', 0),
    wait(0),
    on('write', 1),
    wait(0),
    wait(1, 2),
  ],
  'a fired one-shot is in the list, and nothing but EPOLL_CTL_MOD wakes it': [
    add(0, 1, EPOLLIN | EPOLLONESHOT),
    on('write', 0),
    wait(0),
    on('write', 0),
    wait(0),
    { do: 'list', ep: 0 },
    { do: 'mod', ep: 0, fd: 1, events: EPOLLIN | EPOLLONESHOT },
    wait(0),
  ],
  'a ghost reports under its old number, and epoll_ctl does not find it': [
    add(0, 1, inEdge),
    { do: 'renumber', fd: 1 },
    on('write', 3),
    wait(0),
    { do: 'del', ep: 0, fd: 1 },
    { do: 'list', ep: 0 },
  ],
};
