// How quickly the page answers to hand and eye while the engine is busy with a million events (the demo project), and how
// long the frames are in which a cursor moves over a chart of 10,000 points. Beside each figure stands the floor: the same
// events and frames on a page of the same browser that does nothing.
import { chromium } from "playwright-core";
import { setting } from "../support/setting.js";

/** The most that Interaction to Next Paint may be: half of what web.dev calls good. */
const INTERACTION_LIMIT_MS = 100;
/** A frame at 60 Hz. */
const FRAME_LIMIT_MS = 16;
const POINTS = 10_000;

const address = setting("E2E_WORKER_URL");
const browser = await chromium.launch({
  executablePath: setting("E2E_BROWSER"),
  args: setting("E2E_BROWSER_ARGUMENTS").split(" "),
});
try {
  const over = [];
  const floor = await interactions("/config.json", pressNothing);
  const busy = await interactions(heavy(), useThePage);
  print("interaction to next paint", busy, floor);
  if (busy.inp > INTERACTION_LIMIT_MS) over.push(`an interaction takes more than ${INTERACTION_LIMIT_MS} ms`);
  const still = await frames("/config.json", "html");
  const moving = await frames(long(), ".us-plot");
  print(`frame with the cursor over ${moving.points} points`, moving, still);
  if (moving.p95 > FRAME_LIMIT_MS) over.push(`frames take more than ${FRAME_LIMIT_MS} ms`);
  if (over.length > 0) {
    console.log(`over the limit: ${over.join(", ")}`);
    process.exitCode = 1;
  }
} finally {
  await browser.close();
}

function link(query, view) {
  const text = JSON.stringify({ query, view });
  return `/tools/segmentation?q=${encodeURIComponent(text)}`;
}

/** A query that keeps the engine busy for seconds. */
function heavy() {
  const events = ["Product Viewed", "Added to Cart", "Order Completed", null];
  return link({
    tool: "segmentation",
    measures: events.map((event) => ({ event, aggregate: { of: "users" } })),
    group_by: [{ scope: "user", name: "country" }, { scope: "user", name: "city" }],
    during: { type: "all_time" },
    interval: "day",
    max_groups: 200,
  }, { chart: "line" });
}

/** A chart of so many points. */
function long() {
  const days = Math.floor(POINTS / 24);
  return link({
    tool: "segmentation",
    measures: [{ event: null, aggregate: { of: "total" } }],
    during: { type: "last", count: days, unit: "day" },
    interval: "hour",
  }, { chart: "line" });
}

async function open(path) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(address + path);
  return page;
}

async function interactions(path, use) {
  const page = await open(path);
  await page.evaluate(() => {
    globalThis.took = new Map();
    const observer = new PerformanceObserver((list) => {
      for (const { interactionId, duration, name, target } of list.getEntries()) {
        if (interactionId > 0) {
          const known = globalThis.took.get(interactionId);
          const what = `${name} on ${target?.textContent?.trim().slice(0, 30) || target?.tagName}`;
          if (known === undefined || known.duration < duration) globalThis.took.set(interactionId, { what, duration });
        }
      }
    });
    observer.observe({ type: "event", durationThreshold: 16, buffered: true });
  });
  const done = await use(page);
  await page.waitForTimeout(500);
  const took = await page.evaluate(() => [...globalThis.took.values()]);
  await page.close();
  // What the observer does not report took less than 16 ms.
  const all = took.map(({ duration }) => duration).concat(Array(Math.max(0, done - took.length)).fill(8));
  const slowest = took.toSorted((a, b) => b.duration - a.duration).slice(0, 3);
  return { ...figures(all), slowest: slowest.map(({ what, duration }) => `${what} ${duration} ms`).join(", ") };
}

async function pressNothing(page) {
  for (let press = 0; press < 40; press += 1) await page.keyboard.press("ArrowRight", { delay: 20 });
  return 40;
}

/** What a person does while answers are under way; answers how many interactions that were. */
async function useThePage(page) {
  await page.getByRole("heading", { level: 1 }).waitFor();
  let done = 0;
  const press = async (key) => {
    await page.keyboard.press(key, { delay: 20 });
    done += 1;
  };
  const click = async (locator) => {
    await locator.click({ timeout: 20_000 });
    done += 1;
  };
  for (let round = 0; round < 4; round += 1) {
    // Each interval asks the engine anew, the one before is cancelled.
    for (const interval of ["Week", "Month", "Day"]) {
      await click(page.locator(".us-results label", { hasText: new RegExp(`^${interval}$`) }).first());
      await page.waitForTimeout(120);
    }
    await click(page.locator(".us-query .us-tok--event").first());
    for (const letter of "order") await press(letter);
    for (let step = 0; step < 5; step += 1) await press("ArrowDown");
    await press("Escape");
  }
  await page.locator(".us-plot").first().waitFor({ timeout: 60_000 });
  for (const kind of ["Bar", "Area", "Line"]) {
    await click(page.locator(".us-results label", { hasText: new RegExp(`^${kind}$`) }).first());
  }
  return done;
}

async function frames(path, selector) {
  const page = await open(path);
  const target = page.locator(selector).first();
  await target.waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1_000);
  const box = await target.boundingBox();
  const points = await page.evaluate(() => document.querySelectorAll(".us-plot path.line").length);
  await page.evaluate(() => {
    globalThis.frames = [];
    let started = null;
    // Pointer events are handed out right before the frame that they belong to.
    addEventListener("pointermove", () => (started ??= performance.now()), { capture: true });
    const channel = new MessageChannel();
    const frame = () => {
      const begun = started ?? performance.now();
      started = null;
      // A message comes after style, layout and paint of this frame.
      channel.port1.onmessage = () => globalThis.frames.push(performance.now() - begun);
      channel.port2.postMessage(null);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const height = Math.min(box.height, 600);
  for (let step = 0; step <= 400; step += 1) {
    await page.mouse.move(box.x + 40 + ((box.width - 80) * step) / 400, box.y + height / 2 + (step % 7));
  }
  const took = await page.evaluate(() => globalThis.frames);
  await page.close();
  return { ...figures(took), points: points > 0 ? POINTS : 0 };
}

function figures(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  // Interaction to Next Paint as web.dev defines it: the slowest but for one in each fifty.
  const inp = sorted.at(-1 - Math.floor(sorted.length / 50)) ?? 0;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), worst: sorted.at(-1) ?? 0, inp };
}

function print(what, page, floor) {
  const row = ({ count, median, p95, worst, inp, slowest }) =>
    `median ${median.toFixed(1)} ms  95th percentile ${p95.toFixed(1)} ms  worst ${worst.toFixed(1)} ms  of ${count}${slowest === undefined ? "" : `  INP ${inp} ms  (${slowest || "none over 16 ms"})`}`;
  console.log(`${what}\n  page   ${row(page)}\n  floor  ${row(floor)}`);
}
