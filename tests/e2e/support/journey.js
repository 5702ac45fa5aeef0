// A journey: somebody uses the app in a real browser, once with each backend. The console has to stay clean.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { PATIENCE_MS, atRest } from "./read.js";
import { startServer } from "./server.js";
import { setting } from "./setting.js";

/** Viewports of the design: a desktop window and a phone. */
export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const browsers = new Map();

/** The browser with these arguments besides the usual ones; journeys with the same ones share it. */
async function launched(more) {
  const key = more.join(" ");
  if (!browsers.has(key)) {
    const args = [...setting("E2E_BROWSER_ARGUMENTS").split(" "), ...more];
    browsers.set(key, await chromium.launch({ executablePath: setting("E2E_BROWSER"), args }));
  }
  return browsers.get(key);
}

after(() => Promise.all([...browsers.values()].map((browser) => browser.close())));

/**
 * Registers a test for each backend: "worker" (inside the tab) and "server" (the native one, on a data folder of its
 * own that starts with the demo project); "gallery" is the page of widgets, which has none.
 *
 * `walk` gets `{ backend, app, open, context }`:
 * - `app.url` is the app's address; with the server also `app.data`, its folder, and `app.restart()`.
 * - `open(path, { theme, viewport, allow })` opens a page and waits for the app. All pages of a journey share their
 *   storage, as tabs do. A console warning, error or uncaught exception fails the journey unless it matches one of `allow`.
 * - `context` is Playwright's, for anything else.
 *
 * `browser` are more arguments for the browser.
 */
export function journey(title, walk, { backends = ["worker", "server"], demo = true, browser = [] } = {}) {
  for (const backend of backends) {
    test(`${title} (${backend})`, { timeout: 5 * 60_000 }, async () => {
      const app = backend === "server" ? await startServer({ demo }) : { url: setting(`E2E_${backend.toUpperCase()}_URL`) };
      try {
        const context = await (await launched(browser)).newContext({
          viewport: WIDE,
          acceptDownloads: true,
          reducedMotion: "reduce",
        });
        context.setDefaultTimeout(PATIENCE_MS);
        const complaints = [];
        try {
          const open = (path, options) => openPage(context, app, complaints, path, options);
          await walk({ backend, app, open, context });
        } catch (error) {
          await picture(context, `${title} (${backend})`);
          error.message += said(complaints);
          throw error;
        } finally {
          await context.close();
        }
        assert.deepEqual(complaints, [], "the console is clean");
      } finally {
        await app.stop?.();
      }
    });
  }
}

/** Saves what a page looks like as `target/screenshots/NAME.png`. */
export async function shoot(page, name) {
  const folder = setting("E2E_SCREENSHOTS");
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
}

/** Saves a page in light and dark, wide and on a phone, and leaves it as it was: light and wide. */
export async function shootEveryLook(page, name) {
  for (const [viewport, size] of [[PHONE, ".mobile"], [WIDE, ""]]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      await shoot(page, `${name}.${colorScheme}${size}`);
    }
  }
  // What fits the width is drawn anew, without the focus that it had.
  await atRest(page);
}

async function openPage(context, app, complaints, path = "/", { theme = "light", viewport = WIDE, allow = [] } = {}) {
  const page = await context.newPage();
  const complain = (text) => {
    if (!allow.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`uncaught: ${error}`));
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize(viewport);
  await page.goto(app.url + path);
  await page.locator("#shell").waitFor({ state: "detached" });
  return page;
}

async function picture(context, title) {
  for (const [index, page] of context.pages().entries()) {
    // The failure itself matters more than its picture.
    await shoot(page, `failed ${title} ${index}`.replaceAll(/[^\w.-]+/g, "-")).catch(() => {});
  }
}

function said(complaints) {
  return complaints.length === 0 ? "" : `\nThe console said:\n${complaints.join("\n")}`;
}
