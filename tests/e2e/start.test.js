import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { journey } from "./support/journey.js";

journey("a page of the app that cannot be loaded says so", async ({ context, app }) => {
  await context.route(/_bg\.wasm$/, (route) => route.abort());
  const page = await context.newPage();
  await page.goto(app.url);
  await page.getByRole("alert").getByRole("heading", { name: "could not start" }).waitFor();
  await page.getByRole("status").waitFor({ state: "hidden" });
  await assertAccessible(page);
}, { backends: ["worker"] });

/** Opens the app, counts users with it, and returns the path of the worker that counted. */
async function countingWorker(open) {
  const page = await open("/composer");
  const live = page.getByRole("complementary", { name: "Live result" });
  await live.getByText(/ of [\d,]+$/).first().waitFor();
  const [worker, ...others] = page.workers();
  assert.deepEqual(others, []);
  return { page, path: new URL(worker.url()).pathname };
}

journey("the worker with vectors is taken", async ({ open }) => {
  const { path } = await countingWorker(open);
  assert.match(path, /^\/worker-simd-[0-9a-f]{16}\/worker\.js$/);
}, { backends: ["worker"] });

// Without SSE 4.1, V8 has nothing to run vectors by. Processors of other kinds have always had them.
if (process.arch === "x64") {
  journey("a browser without vectors gets the same app with the other worker", async ({ open }) => {
    const { page, path } = await countingWorker(open);
    assert.match(path, /^\/worker-[0-9a-f]{16}\/worker\.js$/);
    await assertAccessible(page);
  }, { backends: ["worker"], browser: ["--js-flags=--no-enable-sse4-1"] });
}
