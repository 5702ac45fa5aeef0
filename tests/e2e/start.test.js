import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { journey } from "./support/journey.js";

journey("a page of the app that cannot be loaded says so", async ({ context, app }) => {
  await context.route(/_bg\.wasm$/, (route) => route.abort());
  const page = await context.newPage();
  await page.goto(app.url);
  await page.getByRole("alert").getByRole("heading", { name: "could not start" }).waitFor();
  assert.equal(await page.getByRole("status").isVisible(), false);
  await assertAccessible(page);
}, { backends: ["worker"] });
