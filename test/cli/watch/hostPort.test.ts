import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHostPort } from '#epoll/cli/watch/hostPort.js';

test('formatHostPort() puts IPv6 in brackets, and shows an IPv4 address that was mapped into it as what it is', () => {
  assert.equal(formatHostPort({ address: '127.0.0.1', port: 80 }), '127.0.0.1:80');
  assert.equal(formatHostPort({ address: '::1', port: 80 }), '[::1]:80');
  assert.equal(formatHostPort({ address: '::ffff:127.0.0.1', port: 80 }), '127.0.0.1:80');
  assert.equal(formatHostPort({ address: '::ffff:192.168.1.254', port: 80 }), '192.168.1.254:80');
});
