import t from 'tap';

process.env.UWS_USE_FALLBACK = 'true';
const { default: uWS } = await import('uWebSockets.js');
const { httpSuite } = await import('./http-suite.js');

t.equal((uWS as { SSLApp?: unknown }).SSLApp, undefined, 'this is the stand-in');
httpSuite(t, uWS);
