/** The HMAC-SHA1 vectors of RFC 2202 3 whose keys fit in a block. */
import { hex } from './support.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export const rfc2202: { key: Uint8Array; message: Uint8Array; digest: Uint8Array }[] = [
  {
    key: hex('0b'.repeat(20)),
    message: text('Hi There'),
    digest: hex('b617318655057264e28bc0b6fb378c8ef146be00'),
  },
  {
    key: text('Jefe'),
    message: text('what do ya want for nothing?'),
    digest: hex('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'),
  },
  {
    key: hex('aa'.repeat(20)),
    message: hex('dd'.repeat(50)),
    digest: hex('125d7342b9ac11cd91a39af48aa17b4f63f175d3'),
  },
  {
    key: hex('0102030405060708090a0b0c0d0e0f10111213141516171819'),
    message: hex('cd'.repeat(50)),
    digest: hex('4c9007f4026250c6bc8414f9bf50c86c2d7235da'),
  },
  {
    key: hex('0c'.repeat(20)),
    message: text('Test With Truncation'),
    digest: hex('4c1a03424b55e07fe7f27be1d58bb9324a9a5a04'),
  },
];
