// Cohort: who comes back, a segment of those who did not, and back to the question.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { PHONE, journey, shootEveryLook } from "./support/journey.js";
import { address, atRest, choose, focused, number, read, settled } from "./support/read.js";

/** A query in the URL, as links have it. */
function link(query, view) {
  return `/tools/cohort?q=${encodeURIComponent(JSON.stringify({ v: 1, query, ...(view && { view }) }))}`;
}

const VIEWERS = {
  tool: "cohort",
  start: [{ event: "Signed Up" }],
  first_time: true,
  return: { event: "Product Viewed" },
  unit: "week",
  periods: 11,
  match: "on",
  during: { type: "last", count: 12, unit: "week" },
};

const heat = (page) => page.getByRole("grid");

/** Presses a key in the heat map, which leads to the button at this place of it: the heads have row 0 and column 0. */
async function go(page, key, row, column) {
  await page.keyboard.press(key);
  await focused(page, heat(page).locator(`button[data-row="${row}"][data-column="${column}"]`));
}

const TITLE = { level: 1, name: "Signed Up, then Product Viewed" };

journey("who did not come back becomes a segment that leads back to the cohort", async ({ open, context }) => {
  const page = await open("/tools/cohort");
  await page.getByRole("button", { name: /^First .*, then / }).first().waitFor();
  await assertAccessible(page);

  // A start and a return.
  await page.getByRole("button", { name: "Choose an event", exact: true }).first().click();
  await choose(page, "Event", "Signed Up");
  await page.getByRole("button", { name: "Choose an event", exact: true }).click();
  await choose(page, "Event", "Product Viewed");
  await page.getByRole("heading", TITLE).waitFor();
  await settled(page);
  await heat(page).waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "cohort");

  // Back and forward go through the questions.
  const weekly = await address(page);
  await page.getByRole("group", { name: "Unit" }).getByText("Month", { exact: true }).click();
  await heat(page).getByRole("button", { name: /, month 0: / }).first().waitFor();
  await page.goBack();
  await heat(page).getByRole("button", { name: /, week 0: / }).first().waitFor();
  await page.waitForURL(weekly);
  await settled(page);

  // A column has the users of all its cells that are over.
  await heat(page).locator("button[tabindex='0']").focus();
  await go(page, "Control+Home", 0, 1);
  const [, together] = await read(page.locator(":focus"), /^All cohorts, week 0: [\d.]+%, ([\d,]+) of /, "aria-label");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText(new RegExp(`^${together} users?`)).first().waitFor();
  await page.keyboard.press("Escape");
  await atRest(page);
  // The cell has the focus again.
  await focused(page, heat(page).locator("button[data-row='0'][data-column='1']"));

  // To a cell by the keyboard: the first generation, week 1, which is over on any day.
  await go(page, "ArrowDown", 1, 1);
  await go(page, "Home", 1, 0);
  await go(page, "ArrowDown", 2, 0);
  await go(page, "ArrowRight", 2, 1);
  await go(page, "ArrowRight", 2, 2);
  const figures = /^Week of .*, week 1: [\d.]+%, ([\d,]+) of ([\d,]+) users$/;
  const [cell, returned, started] = await read(page.locator(":focus"), figures, "aria-label");
  const missing = number(started) - number(returned);
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: /Create User Segment/ }) });
  await menu.getByRole("heading", { name: /came back in week 1$/ }).waitFor();
  await menu.getByRole("radio", { name: /^Did not/ }).check();
  await menu.getByText(new RegExp(`^${missing.toLocaleString("en-US")} users?, exact`)).waitFor();
  await assertAccessible(page);

  // A dynamic segment of those who did not.
  await menu.getByRole("button", { name: /Create User Segment/ }).click();
  const dialog = page.getByRole("dialog").filter({ has: page.getByLabel("Segment Name") });
  await dialog.getByLabel("Segment Name").fill("Did not come back to browse");
  await dialog.getByRole("radio", { name: /^Dynamic/ }).check();
  await assertAccessible(page);
  await dialog.getByRole("button", { name: /^Create/ }).last().click();
  await dialog.waitFor({ state: "hidden" });

  // The manager shows the number that was shown, and Users lists them.
  const manager = await open("/settings/segments");
  const row = manager.getByRole("row", { name: /Did not come back to browse/ });
  await row.getByText(missing.toLocaleString("en-US"), { exact: true }).first().waitFor();
  await row.hover();
  await row.getByRole("link", { name: /View Users/ }).click();
  await manager.getByText(new RegExp(`^${missing.toLocaleString("en-US")} users?$`)).first().waitFor();

  // Open Query brings the question back, with the cell that was chosen.
  await manager.goBack();
  await row.hover();
  await row.getByRole("button", { name: /^Open Query/ }).click();
  await manager.getByRole("heading", TITLE).waitFor();
  await heat(manager).locator(".is-on").getByRole("button", { name: cell, exact: true }).waitFor();

  // A link opens the same in a fresh page.
  const fresh = await context.newPage();
  await fresh.goto(weekly);
  await fresh.getByRole("heading", TITLE).waitFor();
  await heat(fresh).getByRole("button", { name: cell, exact: true }).waitFor();
});

journey("a cohort is accessible in every look, on a phone too", async ({ open }) => {
  const property = { of: "property", scope: "user", name: "country" };
  for (const [query, view] of [
    [VIEWERS, undefined],
    [VIEWERS, { figure: "change", curve: false }],
    [{ ...VIEWERS, generation: property }, { figure: "value" }],
    [{ ...VIEWERS, match: "on_or_after" }, { chart: "lines" }],
    [{ ...VIEWERS, unit: "day", periods: 30, cumulative: true, during: { type: "last", count: 60, unit: "day" } }, undefined],
  ]) {
    const page = await open(link(query, view));
    await settled(page);
    await page.locator(".us-heat tbody, .cohort-choices").first().waitFor();
    await assertAccessible(page);
    await page.setViewportSize(PHONE);
    await page.getByRole("button", { name: "Edit query" }).waitFor();
    await assertAccessible(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= PHONE.width, `the page is ${width} px wide on a phone`);
    await page.close();
  }
}, { backends: ["worker"] });
