// Cohort: who comes back, a segment of those who did not, and back to the question.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { PHONE, journey, shootEveryLook } from "./support/journey.js";

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
const TITLE = { level: 1, name: "Signed Up, then Product Viewed" };

/** Chooses from an open combobox by its keyboard. */
async function choose(page, label, text) {
  const field = page.getByRole("combobox", { name: label }).last();
  await field.fill(text);
  await page.getByRole("option", { name: new RegExp(`^${text}`) }).first().waitFor();
  await field.press("ArrowDown");
  await field.press("Enter");
}

const number = (text) => Number(/[\d,]+/.exec(text)[0].replaceAll(",", ""));

journey("who did not come back becomes a segment that leads back to the cohort", async ({ open, context }) => {
  const page = await open("/tools/cohort");
  await page.getByRole("button", { name: /^First .*, then / }).first().waitFor({ timeout: 60_000 });
  await assertAccessible(page);

  // A start and a return.
  await page.getByRole("button", { name: "Choose an event", exact: true }).first().click();
  await choose(page, "Event", "Signed Up");
  await page.getByRole("button", { name: "Choose an event", exact: true }).click();
  await choose(page, "Event", "Product Viewed");
  await page.getByRole("heading", TITLE).waitFor();
  await heat(page).waitFor({ timeout: 60_000 });
  await assertAccessible(page);
  await shootEveryLook(page, "cohort");

  // Back and forward go through the questions.
  const weekly = page.url();
  await page.getByRole("group", { name: "Unit" }).getByText("Month", { exact: true }).click();
  await heat(page).getByRole("button", { name: /, month 0: / }).first().waitFor({ timeout: 60_000 });
  await page.goBack();
  await heat(page).getByRole("button", { name: /, week 0: / }).first().waitFor({ timeout: 60_000 });
  assert.equal(page.url(), weekly);

  // A column has the users of all its cells that are over.
  await heat(page).locator("button[tabindex='0']").focus();
  await page.keyboard.press("Control+Home");
  const column = await page.locator(":focus").getAttribute("aria-label");
  await page.keyboard.press("Enter");
  const [, together] = /^All cohorts, week 0: [\d.]+%, ([\d,]+) of /.exec(column);
  await page.getByRole("dialog").getByText(new RegExp(`^${together} users?`)).first().waitFor();
  await page.keyboard.press("Escape");
  // The cell has the focus again.
  await heat(page).locator("button[tabindex='0']").and(page.locator(":focus")).waitFor();

  // To a cell by the keyboard: the first generation, week 1, which is over on any day.
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home");
  for (const arrow of ["ArrowDown", "ArrowRight", "ArrowRight"]) {
    await page.keyboard.press(arrow);
  }
  const cell = await page.locator(":focus").getAttribute("aria-label");
  const [, returned, started] = /week 1: [\d.]+%, ([\d,]+) of ([\d,]+) users$/.exec(cell);
  const missing = number(started) - number(returned);
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: /Create User Segment/ }) });
  await menu.getByRole("heading", { name: /came back in week 1$/ }).waitFor();
  await menu.getByRole("radio", { name: /^Did not/ }).check();
  const counted = menu.getByText(/exact, as of/);
  await menu.getByText(new RegExp(`^${missing.toLocaleString("en-US")} users?`)).first().waitFor();
  assert.equal(number(await counted.textContent()), missing, "the cell and its users are as many");
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
  await row.getByText(missing.toLocaleString("en-US"), { exact: true }).first().waitFor({ timeout: 60_000 });
  await row.hover();
  await row.getByRole("link", { name: /View Users/ }).click();
  await manager.getByText(new RegExp(`^${missing.toLocaleString("en-US")} users?$`)).first().waitFor();

  // Open Query brings the question back, with the cell that was chosen.
  await manager.goBack();
  await row.hover();
  await row.getByRole("button", { name: /^Open Query/ }).click();
  await manager.getByRole("heading", TITLE).waitFor();
  await heat(manager).locator(".is-on").waitFor({ timeout: 60_000 });
  assert.equal(await heat(manager).locator(".is-on button").getAttribute("aria-label"), cell);

  // A link opens the same in a fresh page.
  const fresh = await context.newPage();
  await fresh.goto(weekly);
  await fresh.getByRole("heading", TITLE).waitFor();
  await heat(fresh).getByRole("button", { name: cell, exact: true }).waitFor({ timeout: 60_000 });
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
    await page.locator(".us-heat tbody, .cohort-choices").first().waitFor({ timeout: 60_000 });
    await assertAccessible(page);
    await page.setViewportSize(PHONE);
    await page.getByRole("button", { name: "Edit query" }).waitFor();
    await assertAccessible(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= PHONE.width, `the page is ${width} px wide on a phone`);
    await page.close();
  }
}, { backends: ["worker"] });
