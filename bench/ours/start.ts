// The CPU time of this process until its first event.
import { EventFd, Reactor } from 'epoll-ts';

const counter = new EventFd({ initial: 1n });
new Reactor().register(counter, { readable: true }, () => {
  const { user: userUs, system: systemUs } = process.cpuUsage();
  console.log(JSON.stringify({ userUs, systemUs }));
  process.exit();
});
