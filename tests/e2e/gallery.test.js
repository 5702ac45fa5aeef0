// Every widget with content that hurts, in several looks and widths.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { assertBoxes } from "./support/boxes.js";
import { journey, shoot } from "./support/journey.js";
import { atRest, eventually, read } from "./support/read.js";

const WIDTHS = [390, 768, 1024, 1366, 1440];

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  forced: { colorScheme: "light", forcedColors: "active" },
  contrast: { colorScheme: "light", contrast: "more", reducedMotion: "reduce" },
};
const NO_LOOK = { colorScheme: "light", forcedColors: "none", contrast: "no-preference", reducedMotion: "reduce" };

/** What floats: how it is opened, and what is there then. */
const FLOATING = {
  menu: [(page) => page.getByRole("button", { name: "Menu" }), (page) => page.getByRole("menu")],
  picker: [(page) => page.locator("[data-part=panel] .us-tok--fill").first(), (page) => page.getByRole("option").nth(20)],
  combobox: [(page) => page.getByRole("combobox", { name: "One" }), (page) => page.getByRole("option").nth(20)],
  dialog: [(page) => page.getByRole("button", { name: "Dialog" }), (page) => page.getByRole("dialog")],
  question: [(page) => page.getByRole("button", { name: "Question" }), (page) => page.getByRole("dialog")],
  message: [(page) => page.getByRole("button", { name: "Message" }), (page) => page.getByRole("region", { name: "Notifications" }).getByRole("button").first()],
};

/** How many columns the table has room for at each width, whatever the machine's fonts. */
const COLUMNS = { 390: 4, 768: 7, 1024: 6, 1366: 8, 1440: 8 };

const opened = async (open, viewport) => {
  const page = await open("/", { viewport });
  await page.locator("[data-part=levels]").waitFor();
  return page;
};

journey("no content breaks a widget at any width", async ({ open }) => {
  const page = await opened(open, { width: WIDTHS[0], height: 900 });
  for (const width of [320, ...WIDTHS]) {
    await page.setViewportSize({ width, height: 900 });
    if (COLUMNS[width]) {
      const heads = page.locator("[data-part=table] thead th");
      await eventually(() => heads.count(), (count) => count === COLUMNS[width], `columns at ${width} px`);
    }
    await assertBoxes(page, "the gallery");
    for (const [look, media] of Object.entries(LOOKS)) {
      if (width === 320) continue;
      await page.emulateMedia({ ...NO_LOOK, ...media });
      await shoot(page, `gallery.${width}.${look}`);
      await page.locator("[data-part=table]").scrollIntoViewIfNeeded();
      await shoot(page, `gallery.${width}.${look}.table`);
    }
    await page.emulateMedia(NO_LOOK);
    for (const [name, [opener, there]] of Object.entries(FLOATING)) {
      await opener(page).click();
      await there(page).waitFor();
      await assertBoxes(page, name);
      await shoot(page, `gallery.${width}.${name}`);
      if (name === "message") await page.getByRole("button", { name: "Dismiss" }).first().click();
      else await page.keyboard.press("Escape");
      await there(page).waitFor({ state: "hidden" });
    }
  }
}, { backends: ["gallery"] });

journey("the widgets are accessible in every look", async ({ open }) => {
  const page = await opened(open);
  for (const media of Object.values(LOOKS)) {
    await page.emulateMedia({ ...NO_LOOK, ...media });
    await assertAccessible(page);
  }
}, { backends: ["gallery"] });

journey("forced colours show every switch and every level", async ({ open }) => {
  const page = await opened(open);
  await page.emulateMedia({ forcedColors: "active" });
  await atRest(page);
  const marks = await page.evaluate(() => {
    const colour = (element, part) => getComputedStyle(element, part).backgroundColor;
    const pair = (element) => `${colour(element)} ${colour(element, "::before")}`;
    const of = (selector) => [...document.querySelectorAll(selector)].map(pair);
    const levels = [...document.querySelectorAll("[data-h]")].map((cell) => getComputedStyle(cell).backgroundSize);
    return { on: of(".us-switch:checked"), off: of(".us-switch:not(:checked)"), levels };
  });
  for (const pair of [...marks.on, ...marks.off]) {
    const [track, knob] = pair.match(/rgba?\([^)]*\)/g);
    assert.notEqual(track, knob, "the knob is seen on its track");
  }
  assert.notEqual(marks.on[0], marks.off[0]);
  assert.equal(new Set(marks.levels).size, 9);
}, { backends: ["gallery"] });

journey("a picker is left by one Escape and gives the focus back", async ({ open }) => {
  const page = await opened(open);
  const token = page.locator("[data-part=panel] .us-tok--fill").first();
  await token.click();
  const field = page.getByRole("combobox", { name: "Segment" });
  await field.and(page.locator(":focus")).waitFor();
  await page.keyboard.type("repeat");
  await page.locator("[role=option].is-active").filter({ hasText: "Repeat buyers" }).waitFor();
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "hidden" });
  await token.and(page.locator(":focus")).waitFor();
  // A click and a word take the place of what was chosen.
  const one = page.getByRole("combobox", { name: "One" });
  await one.click();
  await page.keyboard.type("Segment 12");
  assert.equal(await one.inputValue(), "Segment 12");
  await page.locator("[role=option].is-active").filter({ hasText: "Segment 12" }).waitFor();
  await page.keyboard.press("Enter");
  await read(one, /^false$/, "aria-expanded");
  assert.equal(await one.inputValue(), "Segment 12");
}, { backends: ["gallery"] });
