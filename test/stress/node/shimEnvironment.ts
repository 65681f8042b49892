/** The environment variables by which the runner tells `ourSockets.ts` what to do. */
export const environment = {
  /** `server` or `client`: whose sockets are replaced. */
  side: 'EPOLL_TS_NODE_SIDE',
  /** `1`: by the control, a plain Duplex around Node's socket. */
  control: 'EPOLL_TS_NODE_CONTROL',
  /** The file that gets a line where sockets were replaced. */
  report: 'EPOLL_TS_NODE_REPORT',
} as const;
