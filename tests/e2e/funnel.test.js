// Funnel: from steps to those who dropped out, to a segment of them and their people, and back to the question.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { PHONE, journey, shootEveryLook } from "./support/journey.js";
import { address, atRest, counted, focused, number, pickFirst, read, readNumber, settled } from "./support/read.js";

// The demo goes on until now: somebody may convert between two looks at the same funnel. So the numbers that are compared
// are of a range that ends long before the time that they had to convert: 60 to 31 days ago, within 7 days.

/** A query in the URL, as links have it. */
function link(query, more = {}) {
  return `/tools/funnel?q=${encodeURIComponent(JSON.stringify({ v: 1, query, ...more }))}`;
}

const CHECKOUT = {
  tool: "funnel",
  steps: ["Product Viewed", "Added to Cart", "Order Completed"].map((event) => ({ event })),
  within: { of: "funnel", count: 7, unit: "day" },
  during: { type: "ago", from: { count: 60, unit: "day" }, to: { count: 31, unit: "day" } },
};

const results = (page) => page.getByRole("region", { name: "Results" });
const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const drop = (page, from, to) =>
  results(page).getByRole("button", { name: new RegExp(`dropped .* between step ${from} and step ${to}$`) });
const pickMenu = (page) =>
  page.getByRole("dialog").filter({ has: page.getByRole("button", { name: /Create User Segment/ }) });

/** Chooses from the combobox that has the focus, by keyboard. */
async function choose(page, text) {
  const field = page.getByRole("combobox").and(page.locator(":focus"));
  await field.waitFor();
  await page.keyboard.type(text);
  await pickFirst(page, field, text);
}

/** Goes on by Tab until something has the focus. */
async function tabTo(page, target, key = "Tab") {
  await target.first().waitFor();
  for (let presses = 0; presses < 200; presses += 1) {
    if (await target.evaluateAll((found) => found.some((element) => element === document.activeElement))) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} does not lead to ${target}`);
}

/** The numbers of the past, by the range's form and the limit's. */
async function askOfThePast(page) {
  await page.getByRole("button", { name: /^Last 30 days/ }).click();
  await page.getByRole("combobox", { name: "When" }).selectOption("From \u2026 to \u2026 ago");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^60 to 31 days ago/ }).waitFor();
  await page.getByRole("button", { name: "No limit" }).click();
  await page.getByRole("combobox", { name: "Conversion window" }).selectOption("From step 1 to the last");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "7 days", exact: true }).waitFor();
}

/** The same by keyboard: a list takes what is typed. */
async function askOfThePastByKeyboard(page) {
  for (const [token, list, typed, becomes] of [
    [/^Last 30 days/, "When", "From", /^60 to 31 days ago/],
    ["No limit", "Conversion window", "From step", "7 days"],
  ]) {
    await tabTo(page, page.getByRole("button", { name: token }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("combobox", { name: list }));
    await page.keyboard.type(typed);
    await page.keyboard.press("Escape");
    await focused(page, page.getByRole("button", { name: becomes }));
  }
}

/** By the mouse: what a row offers shows under the pointer. */
async function click(page, row, target) {
  await row.hover();
  await target.click();
}

/** By the keyboard: what a row offers shows with the focus. */
async function press(page, row, target) {
  await tabTo(page, row.getByRole("link").first());
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** The row of a segment in the manager has as many users as were clicked; Users lists them; Open Query leads back. */
async function followed(page, name, users, title, use, marked = ".drop.is-on") {
  const row = page.getByRole("row", { name: new RegExp(name) });
  const told = users.toLocaleString("en-US");
  await row.getByText(told, { exact: true }).first().waitFor();
  await use(page, row, row.getByRole("link", { name: /View Users/ }));
  await page.getByText(new RegExp(`^${told} users?$`)).first().waitFor();
  await page.goBack();
  await row.waitFor();
  await use(page, row, row.getByRole("button", { name: /Open Query/ }));
  await heading(page, title).waitFor();
  await results(page).locator(marked).waitFor();
}

journey("those who drop out become a segment, and the segment leads back to the funnel", async ({ open, context }) => {
  const page = await open("/tools/funnel");
  // Nothing is asked before a step is chosen; the most frequent events are offered.
  await page.getByRole("heading", { name: "Choose the first step" }).waitFor();
  await assertAccessible(page);

  await askOfThePast(page);
  for (const event of ["Product Viewed", "Added to Cart", "Order Completed"]) {
    await page.getByRole("button", { name: "Add step" }).click();
    await choose(page, event);
  }
  await heading(page, "Product Viewed to Order Completed").waitFor();
  await settled(page);
  await drop(page, 2, 3).waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "funnel");

  // Back and forward go through the questions.
  const asked = await address(page);
  await page.goBack();
  await heading(page, "Product Viewed to Added to Cart").waitFor();
  await page.goForward();
  await heading(page, "Product Viewed to Order Completed").waitFor();
  await page.waitForURL(asked);
  await settled(page);

  // The hatched part of the chart and the button below it are the same users.
  const users = await readNumber(drop(page, 2, 3));
  await drop(page, 2, 3).click();
  const menu = pickMenu(page);
  await menu.getByRole("heading", { name: `${users.toLocaleString("en-US")} users dropped here` }).waitFor();
  assert.equal(await counted(menu), users, "the drop and its users are as many");
  await assertAccessible(page);

  await menu.getByRole("button", { name: /Create User Segment/ }).click();
  const dialog = page.getByRole("dialog").filter({ has: page.getByLabel("Segment Name") });
  await dialog.getByLabel("Segment Name").fill("Left before the order");
  await assertAccessible(page);
  await dialog.getByRole("button", { name: /^Create/ }).last().click();
  await dialog.waitFor({ state: "hidden" });

  const manager = await open("/settings/segments");
  await followed(manager, "Left before the order", users, "Product Viewed to Order Completed", click);

  // A link opens the same in a fresh page.
  const fresh = await context.newPage();
  await fresh.goto(asked);
  await heading(fresh, "Product Viewed to Order Completed").waitFor();
  await drop(fresh, 2, 3).waitFor();
});

journey("the same by keyboard alone", async ({ open }) => {
  const page = await open("/tools/funnel");
  await page.getByRole("heading", { name: "Choose the first step" }).waitFor();
  await askOfThePastByKeyboard(page);
  const add = page.getByRole("button", { name: "Add step" });
  for (const event of ["Product Viewed", "Added to Cart", "Order Completed"]) {
    await tabTo(page, add);
    await page.keyboard.press("Enter");
    await choose(page, event);
  }
  await drop(page, 2, 3).waitFor();

  // A step is moved by its grip and back.
  await tabTo(page, page.getByRole("button", { name: "Move step 3" }), "Shift+Tab");
  await page.keyboard.press("Alt+ArrowUp");
  await heading(page, "Product Viewed to Added to Cart").waitFor();
  await focused(page, page.getByRole("button", { name: "Move step 2" }));
  await page.keyboard.press("Alt+ArrowDown");
  await heading(page, "Product Viewed to Order Completed").waitFor();
  await settled(page);
  const users = await readNumber(drop(page, 2, 3));

  await tabTo(page, drop(page, 2, 3));
  await page.keyboard.press("Enter");
  const menu = pickMenu(page);
  await menu.getByText(/exact, as of/).waitFor();
  await tabTo(page, menu.getByRole("button", { name: /Create User Segment/ }));
  await page.keyboard.press("Enter");
  const field = page.getByLabel("Segment Name");
  await focused(page, field);
  // The name that is proposed is selected in the next frame.
  await atRest(page);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("Left before the order, by keyboard");
  await page.keyboard.press("Control+Enter");
  await field.waitFor({ state: "hidden" });

  const manager = await open("/settings/segments");
  await followed(manager, "Left before the order, by keyboard", users, "Product Viewed to Order Completed", press);
}, { backends: ["worker"] });

journey("every chart of a funnel is accessible, on a phone too", async ({ open }) => {
  const page = await open(link({ ...CHECKOUT, group_by: { scope: "event", name: "platform", step: 1 } }));
  await drop(page, 2, 3).waitFor();
  await page.getByText("A user can be in several groups.").waitFor();
  for (const [name, shown] of [
    ["Over time", () => results(page).locator(".us-plot .line").first()],
    ["Time to convert", () => results(page).locator(".funnel-times .bar").first()],
    ["Steps", () => drop(page, 2, 3)],
  ]) {
    await results(page).getByRole("group", { name: "Chart" }).getByText(name, { exact: true }).click();
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

journey("a cell of the table and the users behind it are as many", async ({ open }) => {
  const page = await open(link({ ...CHECKOUT, group_by: { scope: "event", name: "platform", step: 1 } }));
  await settled(page);
  const cell = results(page).getByRole("row").nth(2).getByRole("button", { name: /step 2:/ });
  const users = number((await read(cell, /step 2: ([\d,]+) users/))[1]);
  await cell.click();
  assert.equal(await counted(pickMenu(page)), users);
});

journey("a way through a funnel with optional steps becomes a segment", async ({ open }) => {
  const [first, second, last] = CHECKOUT.steps;
  const page = await open(link({ ...CHECKOUT, steps: [first, { ...second, optional: true }, last] }));
  const way = results(page).getByRole("listitem").filter({ hasText: "\u2192" }).first().getByRole("button");
  await way.waitFor();
  await assertAccessible(page);
  await settled(page);
  const users = await readNumber(way.locator(".us-num").first());
  await way.click();
  const menu = pickMenu(page);
  await menu.getByRole("heading", { name: `${users.toLocaleString("en-US")} users took this path` }).waitFor();
  assert.equal(await counted(menu), users, "the way and its users are as many");
  await menu.getByRole("button", { name: /Create User Segment/ }).click();
  const dialog = page.getByRole("dialog").filter({ has: page.getByLabel("Segment Name") });
  await dialog.getByLabel("Segment Name").fill("Took this path");
  await dialog.getByRole("button", { name: /^Create/ }).last().click();
  await dialog.waitFor({ state: "hidden" });

  const manager = await open("/settings/segments");
  const title = "Product Viewed to Order Completed";
  await followed(manager, "Took this path", users, title, click, ".funnel-way.is-on");
});
