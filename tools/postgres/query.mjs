import pg from "pg";

/**
 * Runs one statement on a connection of its own and answers its rows.
 * @param {string} url @param {string} sql @returns {Promise<Record<string, unknown>[]>}
 */
export async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
