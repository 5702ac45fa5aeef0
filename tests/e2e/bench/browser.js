// Our engine in the tab beside duckdb-wasm: the same events, the same questions, and answers that have to be equal.
// Prints a report in Markdown and writes it to the file BENCH_REPORT.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { defineStartBackend, workerUrl } from "../support/embedded.js";
import { setting } from "../support/setting.js";
import { writeEvents } from "./browser/events.js";
import { kinds } from "./browser/questions.js";
import { markdown, median } from "./browser/report.js";
import { serve } from "./browser/serve.js";

const SIZES = (process.env.BENCH_EVENTS ?? "1000000,10000000").split(",").map(Number);
/** How often each kind of question is asked. The first time warms up and is not counted. */
const ASKED = 8;
const STARTS = 5;
const SHARES = 2;
/** What is not asked of shares: one user is in one of them, and files would have to be put together. */
const ALL_IN_ONE = ["explain", "export"];

const folder = setting("BENCH_FOLDER");
const folders = {
  "/": setting("E2E_APP"),
  "/bench/": join(dirname(fileURLToPath(import.meta.url)), "browser"),
  "/peer/": join(setting("BENCH_PEER"), "node_modules"),
};
const options = {
  executablePath: setting("E2E_BROWSER"),
  args: setting("E2E_BROWSER_ARGUMENTS").split(" "),
};

const servers = await Promise.all(Array.from({ length: 1 + SHARES }, () => serve(folders)));
const [address, ...shares] = servers.map(({ url }) => url);
const vectors = await workerUrl(address);
const plain = await workerUrl(address, { vectors: false });
const wrong = [];
try {
  await mkdir(folder, { recursive: true });
  const paint = await firstPaint();
  if (paint.some(({ painted, worker }) => worker < painted)) wrong.push("the worker loads before anything is painted");
  const sizes = [];
  for (const events of SIZES) sizes.push(await compare(events));
  const report = markdown({ processors: availableParallelism(), paint, sizes, shares: SHARES });
  console.log(`\n${report}`);
  await writeFile(setting("BENCH_REPORT"), report);
  if (wrong.length > 0) {
    console.log(`\n${wrong.join("\n")}`);
    process.exitCode = 1;
  }
} finally {
  for (const server of servers) server.stop();
}

async function compare(events) {
  const file = join(folder, `events-${events}.csv`);
  console.log(`${events} events: ${file}`);
  const { bytes, header, middle } = await writeEvents(file, events);
  const all = kinds(ASKED, events / 20);
  const profile = await mkdtemp(join(tmpdir(), "user-segments-bench-"));
  // On disk, unlike the storage of a test's context.
  const context = await chromium.launchPersistentContext(profile, options);
  // Nothing here is quick with ten million events on a busy machine.
  context.setDefaultTimeout(0);
  await context.addInitScript(defineStartBackend);
  try {
    const inPage = async (work) => {
      const page = await context.newPage();
      await page.goto(`${address}/bench/page.html`);
      await page.setInputFiles("#file", file);
      const call = (name, ...given) =>
        page.evaluate(async ([name, given]) => (await import("/bench/measure.js"))[name](...given), [name, given]);
      const result = await work(call);
      await page.close();
      return result;
    };
    const ask = async (call, who, skipped = []) => {
      const answers = [];
      for (const kind of all) {
        if (skipped.includes(kind.questions[0].ours.kind)) {
          answers.push(undefined);
          continue;
        }
        const { runs, error } = await call("ask", kind);
        if (error) wrong.push(`${events} events, ${who}, ${kind.name}: ${error}`);
        answers.push(runs);
        console.log(`  ${who}: ${kind.name}: ${error ? "no answer" : `${median(times(runs)).toFixed(1)} ms`}`);
      }
      return answers;
    };
    /** Brings the events in, starts anew, and asks everything. */
    const ours = (who, main, { import: part, settings = [] }) =>
      inPage(async (call) => {
        const engine = settings.length > 0 ? "shares" : "ours";
        let load;
        let brought;
        if (part) {
          // A worker without data makes the demo, and keeps the memory that this took.
          await call("begin", engine, main, ...settings);
          await call("replaceDemo");
          await call("stop");
          await call("begin", engine, main, ...settings);
          load = await call("load", { events, header, ...part });
          brought = await call("memory");
          await call("stop");
          console.log(`  ${who}: imported in ${(load / 1_000).toFixed(1)} s`);
        }
        const starts = [];
        for (let start = 0; start < STARTS; start += 1) {
          starts.push(await call("first", all[0].questions[start], engine, main, ...settings));
          if (start < STARTS - 1) await call("stop");
        }
        const rested = await call("memory");
        const answers = await ask(call, who, engine === "shares" ? ALL_IN_ONE : []);
        return { load, brought, start: median(starts), rested, memory: await call("memory"), answers };
      });

    const one = await ours("ours", vectors, { import: {} });
    const scalar = await ours("ours without vectors", plain, {});
    const several = await ours(`ours, ${SHARES} workers`, vectors, {
      import: { shares: [header, middle] },
      settings: [shares],
    });
    const floor = await inPage((call) => call("floor", events));
    const peer = await inPage(async (call) => {
      const begun = await call("begin", "peer");
      const load = await call("load", { events });
      console.log(`  duckdb-wasm: started in ${begun.toFixed(0)} ms, loaded in ${(load / 1_000).toFixed(1)} s`);
      const brought = await call("memory");
      const answers = await ask(call, "duckdb-wasm");
      return { load, brought, start: begun + load, memory: await call("memory"), answers };
    });
    for (const [index, { name }] of all.entries()) {
      const same = (who, answers, key) => {
        const [a, b] = [one.answers[index], answers[index]].map((runs) => runs?.map(({ answer }) => key(answer)));
        if (a && b && JSON.stringify(a) !== JSON.stringify(b)) {
          wrong.push(`${events} events, ${name}: we answer ${JSON.stringify(a)}, ${who} ${JSON.stringify(b)}`);
        }
      };
      same("duckdb-wasm", peer.answers, (answer) => answer);
      same("the worker without vectors", scalar.answers, (answer) => answer);
      same("the workers with shares", several.answers, ({ sum }) => sum);
    }
    return { events, bytes, kinds: all.map(({ name }) => name), floor, one, scalar, several, peer };
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** When the app is painted, and when its worker begins to load: each time in a browser's context that has seen nothing. */
async function firstPaint() {
  const browser = await chromium.launch(options);
  try {
    const runs = [];
    for (let run = 0; run < STARTS; run += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const started = page.waitForEvent("worker");
      await page.goto(address);
      await page.locator("#shell").waitFor({ state: "detached" });
      const app = await page.evaluate(() => performance.now());
      const worker = await (await started).evaluate(() => performance.timeOrigin);
      const { origin, painted, module } = await page.evaluate(() => ({
        origin: performance.timeOrigin,
        painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
        module: performance.getEntriesByType("resource").find(({ name }) => name.endsWith(".wasm")).decodedBodySize,
      }));
      runs.push({ painted, app, worker: worker - origin, module });
      await context.close();
    }
    return runs;
  } finally {
    await browser.close();
  }
}

function times(runs) {
  return runs.map(({ ms }) => ms);
}
