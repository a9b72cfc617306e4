// The peer: a small Fastify service that takes the hub's referrals as a good Node team would write it. Token,
// schema, committed row, confirmed publish, and only then 201. What it leaves out stands in README.md.

import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import Fastify, { LogController } from "fastify";
import { v7 as uuid } from "uuid";
import { openBroker } from "./broker.mjs";
import { settings } from "./settings.mjs";
import { openStore } from "./store.mjs";
import { tokens } from "./tokens.mjs";

const BODY_BYTES_MAX = 256 * 1024;
const KEY = { type: "string", minLength: 1, maxLength: 128 };

const wanted = settings();
const [store, broker] = await Promise.all([openStore(wanted), openBroker(wanted)]);
// Errors are logged, requests are not: a line for each would be measured too, and the hub writes none.
const logController = new LogController({ disableRequestLogging: true });
const app = Fastify({ logger: { level: "warn" }, logController, bodyLimit: BODY_BYTES_MAX });

// Fastify's own compiler knows draft 7; the messages are in 2020-12, with words of their own (`x-...`).
const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats(ajv);
ajv.addFormat("x-partial-date", /^\d{4}(-\d{2}(-\d{2})?)?$/);
app.setValidatorCompiler(({ schema }) => ajv.compile(schema));
app.decorateRequest("client", "");

app.get("/healthz", async () => ({ status: "ok" }));

app.post("/v1/referrals", {
  onRequest: tokens(wanted),
  schema: {
    headers: { type: "object", required: ["idempotency-key"], properties: { "idempotency-key": KEY } },
    body: wanted.schema,
    response: { 201: { type: "object", properties: { id: { type: "string" } } } },
  },
  handler: async (request, reply) => {
    const body = JSON.stringify(request.body);
    const id = await store.insert(uuid(), request.client, request.headers["idempotency-key"], body);
    if (id === null) return reply.code(422).send({ type: "idempotency-key-reused", status: 422 });
    await broker.publish(id, body);
    return reply.code(201).header("location", `/v1/referrals/${id}`).send({ id });
  },
});

app.setErrorHandler((error, request, reply) => {
  const status = error.validation ? 422 : (error.statusCode ?? 500);
  if (status >= 500) request.log.error(error);
  const problem = { type: "refused", status, detail: status >= 500 ? "try again" : error.message };
  return reply.code(status).type("application/problem+json").send(problem);
});

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await app.close();
  await Promise.all([broker.close(), store.close()]);
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
broker.lost.then(() => stopping || process.exit(1));

await app.listen({ host: "127.0.0.1", port: wanted.port });
