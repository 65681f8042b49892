/** What scene.ts plays. */
export const sceneNames = [
  'stopped and continued while blocked in Epoll.wait',
  'stopped and continued with a reactor in the loop',
  'killed peer of a pipe: every byte, then the hangup',
  'killed peer: its PidFd reports the end',
  'exhausted descriptors: every class says EMFILE and leaks nothing',
  'exhausted descriptors: a reactor goes on, and registers again when one is free',
  'exhausted descriptors: accept4 says EMFILE, and the connection waits',
] as const;
