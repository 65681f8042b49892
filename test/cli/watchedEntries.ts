import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseEpollFdinfo, type ListedEntry } from '#epoll/fd/epollEntry.js';

const hangMs = 30_000;

/** What all epoll instances of another process watch now. */
export function watchedEntries(pid: number): ListedEntry[] {
  return readdirSync(`/proc/${pid}/fdinfo`).flatMap((name) => parseEpollFdinfo(fdinfo(pid, name)));
}

/** Waits until they watch what `accept` wants. */
export async function untilWatched(
  pid: number,
  what: string,
  accept: (entries: readonly ListedEntry[]) => boolean,
): Promise<void> {
  const deadline = performance.now() + hangMs;
  while (!accept(watchedEntries(pid))) {
    assert.ok(performance.now() < deadline, `it took longer than ${hangMs} ms until ${what}`);
    await setTimeout(5);
  }
}

function fdinfo(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8');
  } catch {
    return ''; // closed since it was listed
  }
}
