// @ts-check
import { readdirSync, readFileSync } from 'node:fs';

/** @typedef {{ pid: number, parent: number, command: string }} Member */

/**
 * The processes of a group, as /proc shows them: without a child process, so that nothing disturbs what is watched.
 *
 * @param {number} group
 * @returns {Member[]}
 */
export function groupMembers(group) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // proc(5): pid (comm) state ppid pgrp …; comm may hold spaces and brackets.
        const [, parent, pgrp] = (readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1) ?? '')
          .split(' ')
          .map(Number);
        if (pgrp !== group || parent === undefined) return [];
        // Without options: Node 26 passes each of its own on to every test file.
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return [
          {
            pid: Number(name),
            parent,
            command: words
              .filter((word) => !word.startsWith('-'))
              .join(' ')
              .trim(),
          },
        ];
      } catch {
        return []; // ended between the listing and the reading
      }
    });
}

/**
 * Kills every child of a group's leader that lives longer than a limit, with its own children, and says so. The test
 * runner's --test-timeout ends a file with SIGTERM, which one blocked in a system call may never take (seen on Node
 * 26).
 *
 * @param {number} leader
 * @param {number} limitMs
 * @returns {() => void} ends the watch
 */
export function killSlowChildren(leader, limitMs) {
  /** @type {Map<number, number>} */
  const firstSeen = new Map();
  const timer = setInterval(
    () => {
      const members = groupMembers(leader);
      for (const { pid, command } of members.filter(({ parent }) => parent === leader)) {
        const since = firstSeen.get(pid) ?? Date.now();
        firstSeen.set(pid, since);
        if (Date.now() - since < limitMs) continue;
        console.error(`Killed as it runs longer than ${limitMs / 1000} s: ${command}`);
        for (const victim of withDescendants(pid, members)) kill(victim);
      }
    },
    Math.min(5_000, limitMs / 2),
  );
  timer.unref();
  return () => clearInterval(timer);
}

/** @param {number} pid @param {readonly Member[]} members @returns {number[]} */
function withDescendants(pid, members) {
  return [
    pid,
    ...members.filter(({ parent }) => parent === pid).flatMap((child) => withDescendants(child.pid, members)),
  ];
}

/** @param {number} pid of a process, or minus that of a group */
export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended.
  }
}
