// duckdb-wasm with the same events in a table: it knows users by number, and names and texts by their place in a list,
// and the rows stand by user and time.
import * as duckdb from "/peer/@duckdb/duckdb-wasm/dist/duckdb-browser.mjs";
import { watched } from "./channel.js";
import { NAMES, digest } from "./questions.js";

export async function start() {
  const { url, memory } = watched("/bench/peer.worker.js");
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), new Worker(url));
  await database.instantiate("/peer/@duckdb/duckdb-wasm/dist/duckdb-eh.wasm");
  const connection = await database.connect();
  const query = async (sql) => (await connection.query(sql)).toArray().map((row) => Object.values(row.toJSON()));

  const asks = {
    numbers: ({ sql }) => query(sql),
    cells: ({ sql }) => query(sql),
    file: async ({ sql }) => {
      await query(`COPY (${sql}) TO 'export.csv' (HEADER)`);
      const file = await database.copyFileToBuffer("export.csv");
      await database.dropFile("export.csv");
      return new TextDecoder().decode(file);
    },
  };

  let last;
  return {
    memory,
    stop: () => database.terminate(),
    async load(file) {
      await database.registerFileHandle("events.csv", file, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
      const texts = (count) => Array.from({ length: count }, (_, number) => `'/path/${number}'`).join(", ");
      await query(`CREATE TYPE name AS ENUM (${NAMES.map((name) => `'${name}'`).join(", ")})`);
      await query(`CREATE TYPE country AS ENUM (${texts(40)})`);
      await query(`CREATE TYPE path AS ENUM (${texts(1_000)})`);
      await query(`CREATE TABLE events AS
        SELECT substr("user", 6)::INTEGER AS "user", event::name AS event, epoch_ms(time) AS time, country::country AS country,
          path::path AS path, price, gift
        FROM read_csv('events.csv', header = true, columns = {'user': 'VARCHAR', 'event': 'VARCHAR', 'time': 'BIGINT',
          'country': 'VARCHAR', 'path': 'VARCHAR', 'price': 'DOUBLE', 'gift': 'BOOLEAN'})
        ORDER BY "user", time`);
      const [[rows]] = await query("SELECT count(*) FROM events");
      return Number(rows);
    },
    async ask({ peer }) {
      const begin = performance.now();
      const answer = await asks[peer.kind](peer);
      const ms = performance.now() - begin;
      last = () => digest(READ[peer.kind](answer));
      return ms;
    },
    answer: () => last(),
  };
}

/** The figures of an answer: row, cell, value. */
const READ = {
  numbers: ([row]) => row.map((value, cell) => [0, cell, Number(value)]),
  cells: (rows) => rows.map(([row, cell, value]) => [Number(row), typeof cell === "bigint" ? Number(cell) : cell, Number(value)]),
  file: (text) => [[0, 0, text.trimEnd().split("\n").length - 1]],
};
