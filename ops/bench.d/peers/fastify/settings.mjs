// What the service takes from its environment; a name that is missing stops it at its start.

import { readFileSync } from "node:fs";

const wanted = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

export const settings = () => ({
  port: Number(wanted("PORT")),
  databaseUrl: wanted("DATABASE_URL"),
  databaseConnections: Number(process.env.DATABASE_CONNECTIONS ?? 16),
  brokerUrl: wanted("BROKER_URL"),
  queue: wanted("QUEUE"),
  ca: readFileSync(wanted("CA_FILE"), "utf8"),
  issuer: wanted("ISSUER"),
  jwksUrl: wanted("JWKS_URL"),
  audience: wanted("AUDIENCE"),
  schema: JSON.parse(readFileSync(wanted("SCHEMA_FILE"), "utf8")),
});
