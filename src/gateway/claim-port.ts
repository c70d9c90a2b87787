/**
 * uWebSockets.js shares a port silently with whoever listens on it already (SO_REUSEPORT), and on port 0 it sets no
 * SO_REUSEADDR, so that the port cannot be had again soon. A short listen by Node.js tells both beforehand.
 */
import { createServer } from 'node:net';

/** The port itself, or a free one for 0. Rejects with a text for people when the address cannot be had. */
export function claimPort(ip: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const hint = hints[error.code ?? ''] ?? error.message;
      reject(new Error(`cannot listen on ${ip} port ${port}: ${hint}`, { cause: error }));
    });
    probe.listen({ host: ip, port, exclusive: true }, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address ? address.port : port;
      probe.close(() => resolve(found));
    });
  });
}

const hints: Record<string, string> = {
  EADDRINUSE: 'another program listens there; choose another port or stop it',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'ports below 1024 need a privilege; choose a higher one and let a proxy forward to it',
};
