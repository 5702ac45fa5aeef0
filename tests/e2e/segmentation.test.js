// Segmentation: from a question to a segment and its people, and back to the question.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { PHONE, journey, shootEveryLook } from "./support/journey.js";
import { address, choose, counted, focused, readNumber, settled } from "./support/read.js";

/** A query in the URL, as links have it. */
function link(query, view) {
  return `/tools/segmentation?q=${encodeURIComponent(JSON.stringify({ v: 1, query, ...(view && { view }) }))}`;
}

const BUYERS = {
  tool: "segmentation",
  measures: [{ event: "Order Completed", aggregate: { of: "users" } }],
  group_by: [{ scope: "event", name: "platform" }],
  during: { type: "last", count: 30, unit: "day" },
  interval: "day",
};

/** The table below the charts. */
const series = (page) => page.getByRole("region", { name: "Series" });

journey("a question becomes a segment, and the segment leads back to it", async ({ open, context }) => {
  const page = await open("/tools/segmentation");
  // Nothing is asked before an event is chosen; the most frequent ones are offered.
  await page.getByRole("button", { name: /^Users who performed .* last 30 days, by day$/ }).first().waitFor();
  await assertAccessible(page);

  // Users who performed an event, by a property of it.
  await page.getByRole("button", { name: "Choose an event" }).click();
  await choose(page, "Event", "Order Completed");
  await page.getByRole("heading", { level: 1, name: "Users who performed Order Completed" }).waitFor();
  await series(page).getByRole("row").nth(1).waitFor();
  await page.getByRole("button", { name: "Property or segment" }).click();
  await choose(page, /property|segment/i, "platform");
  await page.getByRole("heading", { level: 1, name: "Users who performed Order Completed by platform" }).waitFor();
  await settled(page);
  await series(page).getByRole("checkbox", { name: "Show A Web" }).waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "segmentation");

  // Back and forward go through the questions.
  const grouped = await address(page);
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Users who performed Order Completed", exact: true }).waitFor();
  await page.goForward();
  await page.getByRole("heading", { level: 1, name: "Users who performed Order Completed by platform" }).waitFor();
  await page.waitForURL(grouped);
  await settled(page);

  // Choose a point by the keyboard.
  const chart = page.locator("[aria-roledescription=chart]").first();
  await chart.focus();
  await focused(page, chart);
  await chart.press("Home");
  await chart.press("Enter");
  const menu = page.getByRole("dialog").filter({ has: page.getByRole("button", { name: /Create User Segment/ }) });
  const users = await readNumber(menu.getByRole("heading"));
  assert.equal(await counted(menu), users, "the point and its users are as many");
  await assertAccessible(page);

  // Make a segment of it.
  await menu.getByRole("button", { name: /Create User Segment/ }).click();
  const dialog = page.getByRole("dialog").filter({ has: page.getByLabel("Segment Name") });
  await dialog.getByLabel("Segment Name").fill("Buyers of one day");
  await assertAccessible(page);
  await dialog.getByRole("button", { name: /^Create/ }).last().click();
  await dialog.waitFor({ state: "hidden" });

  // The manager shows the same number, and Users lists them.
  const manager = await open("/settings/segments");
  const row = manager.getByRole("row", { name: /Buyers of one day/ });
  await row.getByText(users.toLocaleString("en-US"), { exact: true }).first().waitFor();
  await row.hover();
  await row.getByRole("link", { name: /View Users/ }).click();
  await manager.getByText(new RegExp(`^${users.toLocaleString("en-US")} users?$`)).first().waitFor();

  // Open Query brings the question back, with what was chosen.
  await manager.goBack();
  await row.hover();
  await row.getByRole("button", { name: /Open Query/ }).click();
  await manager.getByRole("heading", { level: 1, name: "Users who performed Order Completed by platform" }).waitFor();
  await series(manager).getByRole("checkbox", { name: "Show A Web" }).waitFor();
  await manager.getByTitle("Open selection").waitFor();

  // A link opens the same in a fresh page.
  const fresh = await context.newPage();
  await fresh.goto(grouped);
  await fresh.getByRole("heading", { level: 1, name: "Users who performed Order Completed by platform" }).waitFor();
  await series(fresh).getByRole("checkbox", { name: "Show A Web" }).waitFor();
});

journey("every kind of chart is accessible, on a phone too", async ({ open }) => {
  const measures = [
    ...BUYERS.measures,
    { event: "Order Completed", aggregate: { of: "total" } },
    { event: "Order Completed", aggregate: { of: "average", property: "revenue" } },
  ];
  const formulas = [{ name: "Orders per buyer", expression: "B / A" }];
  const page = await open(link({ ...BUYERS, measures, formulas, compare: "previous_range" }));
  await series(page).getByRole("row").nth(1).waitFor();
  for (const [kind, shown] of [
    ["Line", () => page.locator("[aria-roledescription=chart]").nth(3)],
    ["Area", () => page.locator("[aria-roledescription=chart]").nth(3)],
    ["Bar", () => page.locator("[aria-roledescription=chart]").nth(3)],
    ["Stacked", () => page.locator("[aria-roledescription=chart]").nth(3)],
    ["Table", () => page.getByRole("region", { name: "All figures" })],
    ["Number", () => page.getByRole("button", { name: /select its users$/ }).first()],
  ]) {
    await page.getByRole("group", { name: "Chart" }).getByText(kind, { exact: true }).click();
    await settled(page);
    await shown().waitFor();
    await assertAccessible(page);
  }
  await page.setViewportSize(PHONE);
  await page.getByRole("button", { name: "Edit query" }).waitFor();
  await assertAccessible(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= PHONE.width, `the page is ${width} px wide on a phone`);
}, { backends: ["worker"] });

journey("a series' total is that of its users, whatever the interval", async ({ open }) => {
  const totals = [];
  for (const interval of ["day", "week", "full"]) {
    const page = await open(link({ ...BUYERS, during: { ...BUYERS.during, complete: true }, interval }));
    await settled(page);
    totals.push(await readNumber(series(page).getByRole("row").nth(1).getByRole("cell").first()));
    await page.close();
  }
  assert.equal(new Set(totals).size, 1, totals.join(", "));
}, { backends: ["worker"] });
