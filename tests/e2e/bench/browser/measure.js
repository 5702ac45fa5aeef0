// What the page does with an engine: ours, ours in shares, or the peer.

const engines = { ours: "./ours.js", shares: "./shares.js", peer: "./peer.js" };
let engine;

/** Starts an engine and returns how long that took. */
export async function begin(name, ...settings) {
  const { start } = await import(engines[name]);
  const begin = performance.now();
  engine = await start(...settings);
  return performance.now() - begin;
}

/** Brings in the chosen file, or shares of it that begin at these bytes, and returns how long that took. */
export async function load({ events, header, shares }) {
  const [file] = document.querySelector("#file").files;
  const ends = [...(shares ?? []).slice(1), file.size];
  const parts = shares?.map((start, index) => new Blob([file.slice(0, header), file.slice(start, ends[index])], { type: "text/csv" }));
  const begin = performance.now();
  const rows = await engine.load(parts ?? file);
  const ms = performance.now() - begin;
  if (rows !== events) throw new Error(`${rows} of ${events} events were taken`);
  return ms;
}

/** Asks one question, from the start of the engine on. */
export async function first(question, ...settings) {
  const started = performance.now();
  await begin(...settings);
  await engine.ask(question);
  return performance.now() - started;
}

/** Asks all questions of a kind. One that cannot be answered says why. */
export async function ask({ questions }) {
  const runs = [];
  for (const question of questions) {
    try {
      runs.push({ ms: await engine.ask(question), answer: await engine.answer() });
    } catch (error) {
      return { error: String(error) };
    }
  }
  return { runs };
}

export const replaceDemo = () => engine.replaceDemo();

export const memory = () => engine.memory();

export const stop = () => engine.stop();

/** The floor: one pass over as many 32-bit numbers, which counts those in a window. */
export function floor(events) {
  const numbers = Uint32Array.from({ length: events }, (_, index) => Math.imul(index, 2_654_435_761));
  const times = [];
  for (let run = 1; run <= 8; run += 1) {
    const begin = performance.now();
    let count = 0;
    const [start, end] = [2 ** 20 * run, 2 ** 28 * run];
    for (let index = 0; index < numbers.length; index += 1) {
      const number = numbers[index];
      count += number >= start && number < end ? 1 : 0;
    }
    times.push(performance.now() - begin);
    if (count === 0) throw new Error("nothing was counted");
  }
  return times.slice(1);
}
