// HTTPS through node:tls on our sockets. The key and the certificate, for localhost, are for trying it out only:
// everybody has them.
//
//   npm run example https 8443             # then, elsewhere: curl -sk https://localhost:8443/
//   npm run example https                  # any free port; it is printed
import { createServer } from 'node:https';
import { attachHttp, TcpListener } from 'epoll-ts/net';

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQKeR7nB1pXSyXRJm
0dBqTsOA2kjHeqifqZhcoj7XB0ChRANCAATzxn3G/0OoC8xxlfEHDSPjEJnMvYjP
za8bVxMOz5yRcTaS2+8lJNAkcmhMGD0h6U8s6tnqbnu03vbNhyEqzXLC
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPPGfcb/Q6gLzHGV
8QcNI+MQmcy9iM/NrxtXEw7PnJFxNpLb7yUk0CRyaEwYPSHpTyzq2epue7Te9s2H
ISrNcsKjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBT0/pbYmEw4cQTQ5/ec93VpfTWTMzAKBggqhkjOPQQD
AgNJADBGAiEAvRySU9DcjNby+uCSmQjgYL/qSmjrGiPcY8wWD6COs+sCIQCJoJju
/YhWvXzxJ4msFNQzgsJ2nR+Y57lmZUnikFKeSg==
-----END CERTIFICATE-----`;

const server = createServer({ key, cert }, (request, response) => {
  response.end(`${request.method} ${request.url} from ${request.socket.remoteAddress}, in secret\n`);
});
const listener = new TcpListener({ address: '127.0.0.1', port: Number(process.argv[2] ?? 0) });
console.log(`serving on https://localhost:${listener.localAddress.port}/`);

attachHttp(server, listener);
