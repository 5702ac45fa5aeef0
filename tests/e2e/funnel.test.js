// Funnel: from steps to those who dropped out, to a segment of them and their people, and back to the question.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { PHONE, journey, shootEveryLook } from "./support/journey.js";

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

/** How long the first answer over the demo may take. */
const FIRST = { timeout: 60_000 };

const results = (page) => page.getByRole("region", { name: "Results" });
const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const drop = (page, from, to) =>
  results(page).getByRole("button", { name: new RegExp(`dropped .* between step ${from} and step ${to}$`) });
const pickMenu = (page) =>
  page.getByRole("dialog").filter({ has: page.getByRole("button", { name: /Create User Segment/ }) });

/** The number at the beginning of a text: "1,204 users" is 1204. */
const number = (text) => Number(/[\d,]+/.exec(text)[0].replaceAll(",", ""));

/** Chooses from the combobox that has the focus, by keyboard. */
async function choose(page, text) {
  await page.getByRole("combobox").and(page.locator(":focus")).waitFor();
  await page.keyboard.type(text);
  await page.getByRole("option", { name: new RegExp(`^${text}`) }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}

/** Goes on by Tab until something has the focus. */
async function tabTo(page, target, key = "Tab") {
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
  await page.getByRole("combobox", { name: "How long it may take" }).selectOption("From step 1 to the last");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "7 days", exact: true }).waitFor();
}

/** The same by keyboard: a list takes what is typed. */
async function askOfThePastByKeyboard(page) {
  for (const [token, list, typed, becomes] of [
    [/^Last 30 days/, "When", "From", /^60 to 31 days ago/],
    ["No limit", "How long it may take", "From step", "7 days"],
  ]) {
    await tabTo(page, page.getByRole("button", { name: token }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("combobox", { name: list }));
    await page.keyboard.type(typed);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: becomes }).and(page.locator(":focus")).waitFor();
  }
}

/** By the mouse: what a row offers shows under the pointer. */
async function click(page, row, target) {
  await row.hover();
  await target.click();
}

/** By the keyboard: what a row offers shows with the focus. */
async function press(page, row, target) {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** The row of a segment in the manager has as many users as were clicked; Users lists them; Open Query leads back. */
async function followed(page, name, users, title, use, marked = ".drop.is-on") {
  const row = page.getByRole("row", { name: new RegExp(name) });
  const told = users.toLocaleString("en-US");
  await row.getByText(told, { exact: true }).first().waitFor(FIRST);
  await use(page, row, row.getByRole("link", { name: /View Users/ }));
  await page.getByText(new RegExp(`^${told} users?$`)).first().waitFor();
  await page.goBack();
  await row.waitFor();
  await use(page, row, row.getByRole("button", { name: /Open Query/ }));
  await heading(page, title).waitFor();
  await results(page).locator(marked).waitFor(FIRST);
}

journey("those who drop out become a segment, and the segment leads back to the funnel", async ({ open, context }) => {
  const page = await open("/tools/funnel");
  // Nothing is asked before a step is chosen; the most frequent events are offered.
  await page.getByRole("heading", { name: "Choose the first step" }).waitFor(FIRST);
  await assertAccessible(page);

  await askOfThePast(page);
  for (const event of ["Product Viewed", "Added to Cart", "Order Completed"]) {
    await page.getByRole("button", { name: "Add step" }).click();
    await choose(page, event);
  }
  await heading(page, "Product Viewed to Order Completed").waitFor();
  await drop(page, 2, 3).waitFor(FIRST);
  await assertAccessible(page);
  await shootEveryLook(page, "funnel");

  // Back and forward go through the questions.
  const asked = page.url();
  await page.goBack();
  await heading(page, "Product Viewed to Added to Cart").waitFor();
  await page.goForward();
  await heading(page, "Product Viewed to Order Completed").waitFor();
  assert.equal(page.url(), asked);
  await drop(page, 2, 3).waitFor(FIRST);

  // The hatched part of the chart and the button below it are the same users.
  const users = number(await drop(page, 2, 3).textContent());
  await drop(page, 2, 3).click();
  const menu = pickMenu(page);
  await menu.getByRole("heading", { name: `${users.toLocaleString("en-US")} users dropped here` }).waitFor();
  await menu.getByText(/exact, as of/).waitFor();
  assert.equal(number(await menu.getByText(/exact, as of/).textContent()), users, "the drop and its users are as many");
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
  await drop(fresh, 2, 3).waitFor(FIRST);
});

journey("the same by keyboard alone", async ({ open }) => {
  const page = await open("/tools/funnel");
  await page.getByRole("heading", { name: "Choose the first step" }).waitFor(FIRST);
  await askOfThePastByKeyboard(page);
  const add = page.getByRole("button", { name: "Add step" });
  for (const event of ["Product Viewed", "Added to Cart", "Order Completed"]) {
    await tabTo(page, add);
    await page.keyboard.press("Enter");
    await choose(page, event);
  }
  await drop(page, 2, 3).waitFor(FIRST);

  // A step is moved by its grip and back.
  await tabTo(page, page.getByRole("button", { name: "Move step 3" }), "Shift+Tab");
  await page.keyboard.press("Alt+ArrowUp");
  await heading(page, "Product Viewed to Added to Cart").waitFor();
  await page.getByRole("button", { name: "Move step 2" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Alt+ArrowDown");
  await heading(page, "Product Viewed to Order Completed").waitFor();
  await drop(page, 2, 3).waitFor(FIRST);
  const users = number(await drop(page, 2, 3).textContent());

  await tabTo(page, drop(page, 2, 3));
  await page.keyboard.press("Enter");
  const menu = pickMenu(page);
  await menu.getByText(/exact, as of/).waitFor();
  await tabTo(page, menu.getByRole("button", { name: /Create User Segment/ }));
  await page.keyboard.press("Enter");
  const field = page.getByLabel("Segment Name");
  await field.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("Left before the order, by keyboard");
  await page.keyboard.press("Control+Enter");
  await field.waitFor({ state: "hidden" });

  const manager = await open("/settings/segments");
  await followed(manager, "Left before the order, by keyboard", users, "Product Viewed to Order Completed", press);
}, { backends: ["worker"] });

journey("every chart of a funnel is accessible, on a phone too", async ({ open }) => {
  const page = await open(link({ ...CHECKOUT, group_by: { scope: "event", name: "platform", step: 1 } }));
  await drop(page, 2, 3).waitFor(FIRST);
  await page.getByText("A user can be in several groups.").waitFor();
  for (const [name, shown] of [
    ["Over time", () => results(page).locator(".us-plot .line").first()],
    ["Time to convert", () => results(page).locator(".funnel-times .bar").first()],
    ["Steps", () => drop(page, 2, 3)],
  ]) {
    await results(page).getByRole("group", { name: "Chart" }).getByText(name, { exact: true }).click();
    await shown().waitFor(FIRST);
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
  await drop(page, 2, 3).waitFor(FIRST);
  const cell = results(page).getByRole("row").nth(2).getByRole("button", { name: /step 2:/ });
  const users = number((await cell.textContent()).split("step 2:")[1]);
  await cell.click();
  const counted = pickMenu(page).getByText(/exact, as of/);
  await counted.waitFor();
  assert.equal(number(await counted.textContent()), users);
});

journey("a way through a funnel with optional steps becomes a segment", async ({ open }) => {
  const [first, second, last] = CHECKOUT.steps;
  const page = await open(link({ ...CHECKOUT, steps: [first, { ...second, optional: true }, last] }));
  const way = results(page).getByRole("listitem").filter({ hasText: "\u2192" }).first().getByRole("button");
  await way.waitFor(FIRST);
  await assertAccessible(page);
  const users = number(await way.locator(".us-num").first().textContent());
  await way.click();
  const menu = pickMenu(page);
  await menu.getByRole("heading", { name: `${users.toLocaleString("en-US")} users took this way` }).waitFor();
  await menu.getByText(/exact, as of/).waitFor();
  assert.equal(number(await menu.getByText(/exact, as of/).textContent()), users, "the way and its users are as many");
  await menu.getByRole("button", { name: /Create User Segment/ }).click();
  const dialog = page.getByRole("dialog").filter({ has: page.getByLabel("Segment Name") });
  await dialog.getByLabel("Segment Name").fill("Took this way");
  await dialog.getByRole("button", { name: /^Create/ }).last().click();
  await dialog.waitFor({ state: "hidden" });

  const manager = await open("/settings/segments");
  const title = "Product Viewed to Order Completed";
  await followed(manager, "Took this way", users, title, click, ".funnel-way.is-on");
});
