// Access tokens taken apart and forged (RFC 7519).

import { createHmac } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** { header, claims, signature } of a token. */
export function open(token) {
  const [header, claims, signature] = token.split('.');
  return { header: decode(header), claims: decode(claims), signature };
}

/** A token of this header and these claims, signed by HMAC with the key; or by nothing when there is no key. */
export function forge(header, claims, key, hash = 'sha256') {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${key === undefined ? '' : createHmac(hash, key).update(signed).digest('base64url')}`;
}

/** The token with one byte of its part (0 header, 1 claims, 2 signature) changed. */
export function tamper(token, part) {
  const parts = token.split('.');
  const bytes = Buffer.from(parts[part], 'base64url');
  bytes[bytes.length >> 1] ^= 1;
  parts[part] = bytes.toString('base64url');
  return parts.join('.');
}
