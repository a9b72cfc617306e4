// The provider's signing keys, kept in keys.json of its folder: the first signs, all are published.
// Ed25519 for access tokens, as the hub likes it best; ES256 because the provider wants a default for ID tokens.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const FILE = 'keys.json';

function make(type, options, alg) {
  const jwk = generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' });
  // RFC 7638: the members that make the key, in alphabetical order.
  const { crv, kty, x, y } = jwk;
  const members = y === undefined ? { crv, kty, x } : { crv, kty, x, y };
  const kid = createHash('sha256').update(JSON.stringify(members)).digest('base64url');
  return { ...jwk, kid, alg, use: 'sig' };
}

const pair = () => [make('ed25519', {}, 'EdDSA'), make('ec', { namedCurve: 'P-256' }, 'ES256')];

function write(keys) {
  writeFileSync(`${FILE}.new`, JSON.stringify(keys), { mode: 0o600 });
  renameSync(`${FILE}.new`, FILE);
  return keys;
}

/** The kept keys, or new ones. */
export function loadKeys() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : write(pair());
}

/** New keys sign from now on; the old ones stay published unless they are withdrawn. */
export function rotateKeys(old, withdraw) {
  return write(withdraw ? pair() : [...pair(), ...old].slice(0, 8));
}
