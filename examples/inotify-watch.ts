// File events with their raw masks, and with the overflow that `fs.watch` keeps to itself.
//
//   npm run example inotify-watch          # makes a directory of its own and three events in it
//   npm run example inotify-watch /tmp     # watches a directory until Ctrl-C
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatInotifyMask, Inotify, Reactor } from 'epoll-ts';
import { IN_CLOSE_WRITE, IN_MOVE } from 'epoll-ts/sys';

const given = process.argv[2];
const directory = given ?? mkdtempSync(join(tmpdir(), 'epoll-ts-'));
const inotify = new Inotify();
inotify.watch(directory, IN_CLOSE_WRITE | IN_MOVE);

const reactor = new Reactor();
let seen = 0;
reactor.register(inotify, { readable: true }, () => {
  for (const event of inotify.read() ?? []) {
    if (event.overflow) console.log('events were lost: look at the whole directory again');
    else console.log(`${formatInotifyMask(event.mask)} ${event.name} cookie=${event.cookie === 0 ? 'none' : 'yes'}`);
    seen++;
  }
  if (given === undefined && seen === 3) {
    inotify.close();
    rmSync(directory, { recursive: true });
  }
});

if (given === undefined) {
  writeFileSync(join(directory, 'draft'), 'text');
  renameSync(join(directory, 'draft'), join(directory, 'final')); // two events, joined by their cookie
}
