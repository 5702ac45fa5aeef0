// Chunks of the app that are loaded when they are needed: fetched once, waited for, and missed with a way out.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { assertAccessible } from "./support/accessible.js";
import { journey } from "./support/journey.js";
import { eventually, focused } from "./support/read.js";

const CHUNK = /\/page-[0-9a-f]+\/lazy_\d+\./;

/** What the browser and the loader say of a file that does not come. */
const GONE = [/Failed to load resource/, /WebAssembly|wasm/i, /Failed to fetch/, /: 404/];

const heading = (page, name) => page.getByRole("heading", { level: 1, name });
const link = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });

journey("what a page needs is fetched once, and the other pages follow", async ({ context, open }) => {
  const fetched = [];
  context.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  const page = await open("/tools/funnel");
  await heading(page, "Funnel").waitFor();
  const chunks = () => fetched.filter((path) => CHUNK.test(path));
  // The other pages come by themselves, and going to one of them fetches nothing.
  const boot = await page.locator("#boot").getAttribute("data-chunks");
  const [, ...users] = boot.split(";").map((chunk) => chunk.split(" ")).find(([name]) => name === "users");
  const missing = () => users.filter((file) => !fetched.some((path) => path.endsWith(file.replace("..", ""))));
  await eventually(missing, ({ length }) => length === 0, "files of Users that were not fetched");
  await link(page, "Users").click();
  await focused(page, heading(page, "Users"));
  assert.deepEqual(chunks().toSorted(), [...new Set(chunks())].toSorted(), "no file is fetched twice");
}, { backends: ["worker"] });

journey("a page that comes late is waited for, and its heading gets the focus", async ({ context, open }) => {
  await context.route(CHUNK, async (route) => {
    await pause(1_500);
    await route.continue();
  });
  const page = await open("/");
  await link(page, "Dictionary").or(link(page, "Data dictionary")).click();
  await page.getByRole("status").filter({ hasText: "Loading" }).waitFor();
  await focused(page, heading(page, "Data dictionary"));
  // Straight to a page: the skeleton of the start stays until the page is there.
  const other = await open("/users");
  await heading(other, "Users").waitFor();
}, { backends: ["worker"] });

journey("a page that does not come without a connection can be tried again", async ({ context, app, open }) => {
  await context.route(CHUNK, (route) => route.abort());
  const page = await open("/", { allow: GONE });
  await context.route(`${app.url}/`, (route) => route.abort());
  await link(page, "Funnel").click();
  await focused(page, heading(page, "Funnel"));
  const again = page.getByRole("alert").getByRole("button", { name: "Try again" });
  await again.waitFor();
  await assertAccessible(page);
  await again.click();
  await again.waitFor();
  await context.unroute(CHUNK);
  await again.click();
  await page.getByRole("button", { name: "Run" }).first().waitFor();
  await focused(page, heading(page, "Funnel"));
}, { backends: ["worker"] });

journey("a page that a deploy has taken away asks for a reload", async ({ context, app, open }) => {
  await context.route(CHUNK, (route) => route.fulfill({ status: 404 }));
  const page = await open("/", { allow: GONE });
  await context.route(`${app.url}/`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(/page-[0-9a-f]+/g, "page-0") });
  });
  await link(page, "Cohort").click();
  await focused(page, heading(page, "Cohort"));
  const reload = page.getByRole("alert").getByRole("button", { name: "Reload page" });
  await reload.waitFor();
  await assertAccessible(page);
  await context.unroute(CHUNK);
  await context.unroute(`${app.url}/`);
  await reload.click();
  await page.getByRole("button", { name: "Run" }).first().waitFor();
  assert.equal(await eventually(() => page.getByRole("alert").count(), (count) => count === 0, "alerts"), 0);
}, { backends: ["worker", "server"] });
