// Signing keys of the provider, kept in keys.json of its folder: the first signs, all are published.
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

/** A pair of new keys. */
export const newKeys = () => [make('ed25519', {}, 'EdDSA'), make('ec', { namedCurve: 'P-256' }, 'ES256')];

/** Keeps these keys for the next start. */
export function saveKeys(keys) {
  writeFileSync(`${FILE}.new`, JSON.stringify(keys), { mode: 0o600 });
  renameSync(`${FILE}.new`, FILE);
  return keys;
}

/** The kept keys, or new ones. */
export function loadKeys() {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : saveKeys(newKeys());
}

/** New keys, which sign from now on; the old ones stay published unless they are withdrawn. */
export const rotated = (old, withdraw) => (withdraw ? newKeys() : [...newKeys(), ...old].slice(0, 8));
