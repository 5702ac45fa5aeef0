// Every page of the app, in every look, with nothing that axe-core finds.
import { assertAccessible } from "./support/accessible.js";
import { journey, shootEveryLook } from "./support/journey.js";

/** The pages, and what stands there once they are loaded. */
const PAGES = [
  ["segments", "/settings/segments", (page) => page.getByRole("row").nth(3)],
  ["composer", "/composer", (page) => page.getByRole("button", { name: /^Create segment/ })],
  ["users", "/users", (page) => page.getByRole("row").nth(10)],
  ["dictionary", "/dictionary", (page) => page.getByRole("row").nth(3)],
  ["data", "/settings/data", (page) => page.getByRole("button", { name: "Choose a file" })],
  ["preferences", "/settings/preferences", (page) => page.getByRole("heading", { level: 1 })],
];

journey("every page is accessible and can be looked at", async ({ open }) => {
  for (const [name, path, loaded] of PAGES) {
    const page = await open(path);
    await loaded(page).waitFor({ timeout: 60_000 });
    // What fades in is there.
    await page.waitForTimeout(500);
    await assertAccessible(page);
    await shootEveryLook(page, name);
    await page.emulateMedia({ colorScheme: "dark" });
    await assertAccessible(page);
    await page.close();
  }
}, { backends: ["worker"] });

journey("one user is accessible and can be looked at", async ({ open }) => {
  const page = await open("/users");
  await page.getByRole("row").nth(1).getByRole("link").click({ timeout: 60_000 });
  const profile = page.getByRole("complementary");
  await profile.getByRole("heading", { name: "Timeline" }).waitFor();
  await profile.getByRole("listitem").nth(3).waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "user");
}, { backends: ["worker"] });
