// @ts-check
// `npm start`: the epoll command on something that every machine has. Further arguments follow: `npm start -- --json`.
process.argv.splice(2, 0, 'watch', '--echo', 'stdin', 'timer:1s', 'tcp:127.0.0.1:4747', 'inotify:.');
console.error(`epoll ${process.argv.slice(2).join(' ')}

Poke it from another terminal, in this folder:
  printf 'hi\\n' | nc -N 127.0.0.1 4747    a connection, answered with what it sent
  touch README.md                         a change in this folder
or type a line here. Ctrl-C ends it with a summary.
`);
const bin = new URL('../dist/cli/bin.js', import.meta.url);
await import(bin.href);
