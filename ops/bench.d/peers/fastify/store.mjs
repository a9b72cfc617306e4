// The referrals' table: one committed row for each, by a named statement that PostgreSQL prepares once for
// each connection.

import { hash } from "node:crypto";
import pg from "pg";

const INSERT = {
  name: "insert-referral",
  text: `INSERT INTO referrals (id, client, idempotency_key, body, sha256) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (client, idempotency_key) DO NOTHING`,
};
const FIND = {
  name: "find-referral",
  text: "SELECT id, sha256 FROM referrals WHERE client = $1 AND idempotency_key = $2",
};

export const openStore = async ({ databaseUrl, databaseConnections, ca }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: databaseConnections, ssl: { ca } });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => {});
  await pool.query("SELECT 1");

  return {
    // Commits the referral. Where the key was used before: the id given then, or null for another body.
    insert: async (id, client, key, body) => {
      const digest = hash("sha256", body, "buffer");
      const { rowCount } = await pool.query({ ...INSERT, values: [id, client, key, body, digest] });
      if (rowCount === 1) return id;
      const { rows } = await pool.query({ ...FIND, values: [client, key] });
      return rows[0].sha256.equals(digest) ? rows[0].id : null;
    },
    close: () => pool.end(),
  };
};
