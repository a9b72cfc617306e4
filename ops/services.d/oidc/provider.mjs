// An OpenID provider for tests: npm `oidc-provider` over https on loopback, with the sandbox's clients and
// RFC 9068 access tokens for the hub. Not for production. ops/services runs it in the folder that holds
// tls.key, tls.pem, clients.json (secrets) and keys.json; OIDC_PORT says where it listens.
//
// POST /_control/rotate makes new signing keys; with ?withdraw the old ones are no longer published. It
// wants the secret of the client `operator` as a bearer token. Below /own/NAME, whatever the name, is an
// issuer of the same clients with keys of its own, so that a test may rotate them and disturb nobody. One whose
// NAME begins with `bound-` binds tokens to the client certificate of whoever asks (RFC 8705), and gives none
// without; anybody's certificate will do, since it is the hub that has to look who signed it.
//
// People sign in by the client `desk`: authorization code and PKCE, back to any loopback port. /interaction/UID is
// a plain page of invented people to pick from; nobody is asked for a password.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { Provider } from 'oidc-provider';

import { loadKeys, newKeys, rotated, saveKeys } from './keys.mjs';

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
// Issuers below /own/, in memory; beyond that the oldest is forgotten.
const OWN_ISSUERS_MAX = 32;

const DESK = 'desk';
const PEOPLE = ['ictp-officer', 'ictp-supervisor', 'a-stranger'];

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const scopes = read(new URL('./clients.json', import.meta.url));
const secrets = read('clients.json');

// The port of a loopback address is not compared for native clients (RFC 8252 section 7.3): the sandbox has another
// one each time.
function desk() {
  return {
    client_id: DESK,
    client_secret: secrets[DESK],
    application_type: 'native',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: ['http://127.0.0.1/desk/callback/sandbox'],
    post_logout_redirect_uris: ['http://127.0.0.1/desk/sign-in'],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: scopes[DESK],
  };
}

function client(id, bound) {
  if (id === DESK) return desk();
  return {
    ...(bound && { tls_client_certificate_bound_access_tokens: true }),
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

// The certificate of the connection that a request came over.
const shown = (ctx) => ctx.socket.getPeerX509Certificate();

// Whoever signed in has agreed to be known by the hub.
async function loadExistingGrant(ctx) {
  const { client, session } = ctx.oidc;
  const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

function provider(path, keys) {
  const bound = path.startsWith('/own/bound-');
  const made = new Provider(`${ISSUER}${path}`, {
    jwks: { keys },
    clients: Object.keys(scopes).map((id) => client(id, bound)),
    scopes: [...new Set(Object.values(scopes).flatMap((text) => text.split(' ')))],
    ttl: { ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? TOKEN_SECONDS },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    loadExistingGrant,
    interactions: { url: (_ctx, interaction) => `${path}/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      mTLS: { enabled: bound, certificateBoundAccessTokens: bound, getCertificate: shown },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => (ctx.oidc.client.clientId === DESK ? undefined : HUB),
        getResourceServerInfo: resourceServer,
        useGrantedResource: () => true,
      },
    },
  });
  made.on('server_error', (_ctx, error) => console.error(error));
  const answer = made.callback();
  return (request, response) =>
    request.url.startsWith('/interaction/') ? pick(made, request, response) : answer(request, response);
}

// Who are you? Or, somebody being picked, on with the login.
async function pick(made, request, response) {
  const { searchParams } = new URL(request.url, ISSUER);
  const picked = PEOPLE.find((person) => person === searchParams.get('picked'));
  try {
    const { prompt } = await made.interactionDetails(request, response);
    // Asked of every native client; here everybody agrees.
    if (prompt.name === 'consent') {
      return await made.interactionFinished(request, response, { consent: {} }, { mergeWithLastSubmission: true });
    }
    if (picked) return await made.interactionFinished(request, response, { login: { accountId: picked } });
  } catch {
    return response.writeHead(400).end();
  }
  const lines = PEOPLE.map((person) => `<li><a href="?picked=${person}">${person}</a></li>`).join('');
  const head = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  return response.writeHead(200, head).end(`<!DOCTYPE html><h1>Who are you?</h1><ul>${lines}</ul>`);
}

// Path below this server's root ('' is the root) to that issuer's keys and what answers for it.
const issuers = new Map();

function open(path, keys) {
  if (path === '') saveKeys(keys);
  issuers.set(path, { keys, answer: provider(path, keys) });
  if (issuers.size > OWN_ISSUERS_MAX) issuers.delete([...issuers.keys()].find((known) => known !== ''));
}

function rotate(path, request, response) {
  const allowed = request.headers.authorization === `Bearer ${secrets.operator}`;
  if (request.method !== 'POST' || !allowed) return response.writeHead(404).end();
  open(path, rotated(issuers.get(path).keys, request.url.endsWith('?withdraw')));
  return response.writeHead(204).end();
}

function route(request, response) {
  const [, path = '', rest] = /^(\/own\/[a-z0-9-]{1,64})?(\/.*)$/.exec(request.url) ?? [];
  if (rest === undefined) return response.writeHead(404).end();
  if (!issuers.has(path)) open(path, newKeys());
  if (/^\/_control\/rotate(\?withdraw)?$/.test(rest)) return rotate(path, request, response);
  // The provider makes its own addresses from both.
  request.originalUrl = request.url;
  request.url = rest;
  return issuers.get(path).answer(request, response);
}

open('', loadKeys());
const tls = { key: readFileSync('tls.key'), cert: readFileSync('tls.pem'), minVersion: 'TLSv1.2' };
const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, route);
server.listen(PORT, '127.0.0.1', () => console.log(`${ISSUER} answers`));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
