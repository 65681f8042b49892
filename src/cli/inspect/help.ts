/** What `epoll inspect --help` prints. */
export const help = `Usage: epoll inspect [options] PID|NAME…
       epoll inspect [options] --all

Looks into the epoll instances of running processes, without stopping or changing them: what each descriptor in their
interest lists is, its flags, whether it is armed, a ghost, ready now; and says what is wrong.

Processes:
  PID              a process by number
  NAME             every process of that name: of /proc/PID/comm, of its executable, or of its title (nginx)
  --all            every process that may be looked into and has an epoll instance

Options:
  --sample TIME    where something is ready, disarmed or shared, look again until TIME has passed, 250ms by default.
                   What is wrong only when it stays is more certain after 2s. --sample 0 looks once
  --watch          a live view, with rates; keys: q quit, j k or arrows move, s sort, f filter. When stdout is no
                   terminal, a line per change
  --every TIME     how often --watch looks, 1s by default
  --for TIME       end --watch after TIME
  --no-ready       do not ask what is ready, so that no descriptor is duplicated
  --exact          check every entry for being a ghost: of more than some 8,000 pipes, eventfds and the like in one
                   instance, not all are otherwise
  --json           one JSON document (see docs/inspect.schema.json); with --watch one object per line
  --help           this text

Findings: oneshot-disarmed, ghost, ghost-reused, spin, out-idle, edge-stall, hup-pending, err-pending, herd, nesting,
watches, leaked. Each comes with its evidence, why it matters and what to do.

Another user's process needs root or CAP_SYS_PTRACE. What else can't be seen is said in a line.

NO_COLOR and FORCE_COLOR are respected. Exit status: 0 no findings; 3 findings; 1 when a process could not be looked
into; 2 for a wrong command line.

Examples:
  epoll inspect redis-server
  epoll inspect --sample 2s 4242
  epoll inspect --all --json
  epoll inspect --watch 4242
`;
