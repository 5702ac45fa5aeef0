// The events that both engines get, as a CSV file: those of a year, 20 for each user on average, of eight names, with two
// texts, a number and a boolean. They are like those of `cargo bench -p segments-engine`, and the same at every run.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, stat, readFile, writeFile } from "node:fs/promises";
import { NAMES, START, YEAR_SECONDS } from "./questions.js";

const HEADER = "user,event,time,country,path,price,gift\n";
const PIECE = 1 << 20;

/** Writes the file unless it is there. Returns `{ file, bytes, header, middle }`: where the rows of half the users end. */
export async function writeEvents(file, events) {
  const about = `${file}.json`;
  if (await stat(file).catch(() => undefined)) return JSON.parse(await readFile(about, "utf8"));
  const users = events / 20;
  const half = users / 2;
  const below = random();
  const out = createWriteStream(`${file}.new`);
  let piece = HEADER;
  let bytes = 0;
  let middle;
  let made = 0;
  for (let user = 0; user < users && made < events; user += 1) {
    if (user === half) middle = bytes + piece.length;
    // From 1 to 39 events, all the rest for the last user.
    const count = user === users - 1 ? events - made : Math.min(1 + below(39), events - made);
    made += count;
    const begin = `user-${String(user).padStart(7, "0")},`;
    const country = `/path/${below(40)}`;
    for (let event = 0; event < count; event += 1) {
      // 0 half of the time, 1 a quarter and so on.
      const bits = below(256) | 256;
      const name = Math.min(31 - Math.clz32(bits & -bits), 7);
      const path = below(10) === 0 ? "" : `/path/${below(1_000)}`;
      const price = [1, 3, 6].includes(name) ? below(20_000) / 100 : "";
      const gift = name === 6 ? below(2) === 1 : "";
      piece += `${begin}${NAMES[name]},${START + below(YEAR_SECONDS) * 1_000},${country},${path},${price},${gift}\n`;
    }
    if (piece.length > PIECE) {
      bytes += piece.length;
      if (!out.write(piece)) await once(out, "drain");
      piece = "";
    }
  }
  bytes += piece.length;
  out.end(piece);
  await once(out, "close");
  const told = { file, bytes, header: HEADER.length, middle };
  await writeFile(about, JSON.stringify(told));
  await rename(`${file}.new`, file);
  return told;
}

/** Numbers below a bound without a pattern that matters here: the upper bits of a counter that is mixed well. */
function random() {
  let state = 0;
  return (bound) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * bound);
  };
}
