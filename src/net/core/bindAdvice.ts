import { EACCES, EADDRINUSE, EADDRNOTAVAIL } from '../../sys/index.ts';

/**
 * What the caller can do where bind(2) or listen(2) refuses an IP address and port; '' where nothing general can be
 * said.
 */
export function bindAdvice(answer: number): string {
  switch (-answer) {
    case EADDRINUSE:
      return 'another socket has this port: choose another one, or give both reusePort';
    case EADDRNOTAVAIL:
      return 'not an address of this machine';
    case EACCES:
      return 'ports below 1024 need root, or CAP_NET_BIND_SERVICE (sysctl net.ipv4.ip_unprivileged_port_start)';
    default:
      return '';
  }
}
