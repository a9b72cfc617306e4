// Bearer tokens (RFC 9068), verified with jose on each request; the issuer's keys are fetched once and kept.

import { createRemoteJWKSet, jwtVerify } from "jose";

const SCOPE = "referral.send";

export const tokens = ({ issuer, audience, jwksUrl }) => {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const expected = { issuer, audience, typ: "at+jwt", algorithms: ["PS256", "ES256", "EdDSA"] };

  // An `onRequest` hook: nobody's body is read before he is known.
  return async (request, reply) => {
    const [kind, token] = (request.headers.authorization ?? "").split(" ");
    if (kind !== "Bearer" || !token) return refuse(reply, 401, "token-missing");
    try {
      const { payload } = await jwtVerify(token, keys, expected);
      if (!(payload.scope ?? "").split(" ").includes(SCOPE)) return refuse(reply, 403, "scope-missing");
      request.client = payload.client_id;
    } catch (error) {
      request.log.info({ code: error.code }, "token refused");
      return refuse(reply, 401, "token-refused");
    }
  };
};

const refuse = (reply, status, problem) => {
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(status).type("application/problem+json").send({ type: problem, status });
};
