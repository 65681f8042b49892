/** Bytes of `struct tcp_info` up to the two counters that are read here (linux/tcp.h). */
export const tcpInfoSize = 136;

/** The counters of `struct tcp_info`: bytes that the peer has acknowledged, and bytes that came in (Linux 4.1). */
export interface TcpCounters {
  readonly acknowledged: number;
  readonly received: number;
}

/** Reads what getsockopt(TCP_INFO) filled. null: the kernel's struct is older than the counters. */
export function decodeTcpCounters(bytes: Uint8Array): TcpCounters | null {
  if (bytes.byteLength < tcpInfoSize) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    acknowledged: Number(view.getBigUint64(120, true)),
    received: Number(view.getBigUint64(128, true)),
  };
}
