// What a journey reads. A page shows everything in its own time, on a busy machine much later: so nothing is read once, and
// what is read has to be what was waited for.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

/** How long to wait for anything that the app has promised: the machine may be busy with something else. */
export const PATIENCE_MS = 60_000;

/** Asks until the answer is right, and returns it; fails with the last one. */
export async function eventually(ask, isRight, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) assert.fail(`${what}: ${JSON.stringify(answer)} is not what was waited for`);
    await pause(50);
  }
}

/** Reads an element's text, or an attribute of it, once that fits a pattern. Returns the match. */
export async function read(locator, pattern, attribute) {
  const ask = () => (attribute ? locator.getAttribute(attribute) : locator.textContent());
  const text = await eventually(ask, (text) => pattern.test(text ?? ""), `${attribute ?? "the text"} of ${locator}`);
  return pattern.exec(text);
}

/** "1,204" as a number. */
export const number = (text) => Number(text.replaceAll(",", ""));

/** The first number in an element's text, once there is one. */
export async function readNumber(locator) {
  return number((await read(locator, /\d[\d,]*/))[0]);
}

/** The page's address as the page has it, which tells others of it a little later. */
export const address = (page) => page.evaluate(() => location.href);

/** Waits until an element has the focus. */
export async function focused(page, locator) {
  await locator.and(page.locator(":focus")).waitFor();
}

/** Waits until a tool's results are those of its query as it is now. */
export async function settled(page) {
  await page.getByRole("region", { name: "Results", exact: true }).and(page.locator("[aria-busy=false]")).waitFor();
}

/** How many users the open menu of a selection counted. */
export async function counted(menu) {
  return number((await read(menu.getByText(/exact, as of/), /^([\d,]+) users?, exact/))[1]);
}

/** Waits until nothing on a page is on its way: the next frames are drawn, and transitions have ended. */
export async function atRest(page) {
  await page.evaluate(async () => {
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** Chooses from an open combobox what begins with a text, by its keyboard. */
export async function choose(page, label, text) {
  const field = page.getByRole("combobox", { name: label }).last();
  await field.fill(text);
  await pickFirst(page, field, text);
}

/** Takes the first choice that an open combobox offers, once that begins with a text. */
export async function pickFirst(page, field, text) {
  const begins = new RegExp(`^\\s*${text}`);
  // The list follows what is typed.
  const list = page.getByRole("listbox").and(page.locator("[aria-busy=false]"));
  await list.getByRole("option").first().filter({ hasText: begins }).waitFor();
  await page.locator("[role=option].is-active").filter({ hasText: begins }).waitFor();
  await field.press("Enter");
}
