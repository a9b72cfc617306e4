// An OpenID provider for tests: npm `oidc-provider` over https on loopback, with the sandbox's clients and
// RFC 9068 access tokens for the hub. Not for production. ops/services runs it in the folder that holds
// tls.key, tls.pem, clients.json (secrets) and keys.json; OIDC_PORT says where it listens.
//
// POST /_control/rotate makes new signing keys; with ?withdraw the old ones are no longer published. It
// wants the secret of the client `operator` as a bearer token.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { Provider } from 'oidc-provider';

import { loadKeys, rotateKeys } from './keys.mjs';

const PORT = Number(process.env.OIDC_PORT);
const ISSUER = `https://127.0.0.1:${PORT}`;
const HUB = 'urn:amaan:hub';
// What a token can be asked for (RFC 8707). The hub is what one gets unasked; the others are for refusals.
const RESOURCES = {
  [HUB]: { audience: 'sandbox.amaan.example' },
  'urn:amaan:hub:es256': { audience: 'sandbox.amaan.example', alg: 'ES256' },
  'urn:amaan:hub:an-hour': { audience: 'sandbox.amaan.example', seconds: 3600 },
  'urn:amaan:another': { audience: 'another.amaan.example' },
};
const TOKEN_SECONDS = 300;

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const scopes = read(new URL('./clients.json', import.meta.url));
const secrets = read('clients.json');

function client(id) {
  return {
    client_id: id,
    client_secret: secrets[id],
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: scopes[id],
  };
}

function resourceServer(ctx, resource, asking) {
  const { audience, alg = 'EdDSA', seconds = TOKEN_SECONDS } = RESOURCES[resource] ?? {};
  // An unknown resource: a server without scopes, whose audience is itself.
  if (!audience) return { audience: resource, scope: '', accessTokenFormat: 'jwt' };
  // Who names no scope gets its own, all of them, as from the sandbox's issuer.
  ctx.oidc.params.scope ??= asking.scope;
  return {
    audience,
    scope: asking.scope,
    accessTokenFormat: 'jwt',
    accessTokenTTL: seconds,
    jwt: { sign: { alg } },
  };
}

function provider(keys) {
  const made = new Provider(ISSUER, {
    jwks: { keys },
    clients: Object.keys(scopes).map(client),
    scopes: [...new Set(Object.values(scopes).flatMap((text) => text.split(' ')))],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => HUB,
        getResourceServerInfo: resourceServer,
        useGrantedResource: () => true,
      },
    },
  });
  made.on('server_error', (_ctx, error) => console.error(error));
  return made.callback();
}

let keys = loadKeys();
let answer = provider(keys);

function rotate(request, response) {
  const allowed = request.headers.authorization === `Bearer ${secrets.operator}`;
  if (request.method !== 'POST' || !allowed) return response.writeHead(404).end();
  keys = rotateKeys(keys, request.url.endsWith('?withdraw'));
  answer = provider(keys);
  return response.writeHead(204).end();
}

const tls = { key: readFileSync('tls.key'), cert: readFileSync('tls.pem'), minVersion: 'TLSv1.2' };
const server = createServer(tls, (request, response) =>
  /^\/_control\/rotate(\?withdraw)?$/.test(request.url) ? rotate(request, response) : answer(request, response));
server.listen(PORT, '127.0.0.1', () => console.log(`${ISSUER} answers`));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
