// The segment manager, the dictionary and the preferences, with the mouse and with the keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { assertAccessible } from "./support/accessible.js";
import { journey, shootEveryLook } from "./support/journey.js";
import { eventually, focused, pickFirst, read, readNumber } from "./support/read.js";

const rows = (page) => page.locator("tbody tr");
const row = (page, name) => rows(page).filter({ has: page.getByRole("link", { name, exact: true }) });
const toast = (page, text) => page.locator(".us-toast").filter({ hasText: text }).first();

async function fromMenu(page, name, item) {
  await row(page, name).hover();
  await row(page, name).getByRole("button", { name: `More actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

journey("segments are found, renamed, copied, archived, exported and deleted", async ({ open }) => {
  const page = await open("/");
  await page.getByRole("heading", { level: 1, name: "User Segments" }).waitFor();
  await rows(page).first().waitFor();
  await page.waitForURL(/\/settings\/segments$/);
  await assertAccessible(page);
  await shootEveryLook(page, "segments");
  const [name] = await read(page.locator("[data-row-link]").first(), /\S.*/);

  // Found by a part of its name, all by keyboard; renamed in the dialog that E opens.
  await page.keyboard.press("/");
  await focused(page, page.getByRole("searchbox"));
  await page.keyboard.type(name);
  await page.waitForURL(/[?&]q=/);
  await row(page, name).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("j");
  await focused(page, page.getByRole("link", { name, exact: true }));
  await page.keyboard.press("e");
  const field = page.getByLabel("Name", { exact: true });
  await field.fill("Renamed by a journey");
  await assertAccessible(page);
  await field.press("Enter");
  await row(page, "Renamed by a journey").waitFor();
  await focused(page, page.getByRole("link", { name: "Renamed by a journey", exact: true }));

  // A copy, and the copy undone.
  await page.keyboard.press("d");
  await toast(page, "duplicated").getByRole("button", { name: "Undo" }).click();
  await toast(page, "deleted").waitFor();

  // Archived from the menu, brought back by undo.
  await fromMenu(page, "Renamed by a journey", "Archive");
  await row(page, "Renamed by a journey").waitFor({ state: "detached" });
  await toast(page, "archived").getByRole("button", { name: "Undo" }).click();
  await row(page, "Renamed by a journey").waitFor();

  // The ids as a file: a head and as many lines as the list says users as of the same instant, whoever has come since.
  const size = row(page, "Renamed by a journey").locator("[data-column=users] [title]");
  const asOf = () => size.getAttribute("title");
  let [before, users, lines] = [];
  do {
    before = await asOf();
    users = await readNumber(size.locator("b"));
    const download = page.waitForEvent("download");
    await fromMenu(page, "Renamed by a journey", "Export ids as CSV");
    const file = await download;
    assert.equal(file.suggestedFilename(), "Renamed by a journey.csv");
    lines = (await readFile(await file.path(), "utf8")).trimEnd().split(/\r?\n/);
  } while ((await asOf()) !== before); // The page counted again meanwhile.
  assert.equal(lines.length, users + 1);

  // Deleted, and gone after a reload.
  await fromMenu(page, "Renamed by a journey", "Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await toast(page, "deleted").waitFor();
  await page.reload();
  await rows(page).first().waitFor();
  await row(page, "Renamed by a journey").waitFor({ state: "detached" });
});

journey("a link to another page changes the address, and back comes back", async ({ open }) => {
  const page = await open("/settings/segments?sort=name");
  await rows(page).first().waitFor();
  await page.getByRole("link", { name: "Data dictionary" }).click();
  await focused(page, page.getByRole("heading", { level: 1, name: "Data dictionary" }));
  await page.waitForURL(/\/dictionary$/);
  await eventually(() => page.title(), (title) => title.startsWith("Data dictionary · "), "the title");
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "User Segments" }).waitFor();
  await page.waitForURL(/\/settings\/segments\?sort=name$/);
});

journey("the dictionary tells what is known of an event and its properties", async ({ open }) => {
  const page = await open("/dictionary");
  const entry = page.locator("[data-row-link]").first();
  const [name] = await read(entry, /\S.*/);
  await entry.click();
  const drawer = page.getByRole("complementary", { name });
  await drawer.getByText("Users").waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "dictionary");
  await page.getByLabel("Search the dictionary").fill("no such thing anywhere");
  await page.getByRole("heading", { name: /^Nothing matches/ }).waitFor();
});

journey("preferences are kept", async ({ open }) => {
  const page = await open("/settings/preferences");
  const zone = page.getByLabel("Time zone");
  await zone.fill("tokyo");
  await pickFirst(page, zone, "Asia/Tokyo");
  await page.getByRole("button", { name: "Save project" }).click();
  await toast(page, "Project saved").waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "preferences");
  await page.getByRole("main").getByText("Dark", { exact: true }).click();
  await page.locator("html[data-theme=dark]").waitFor();
  await page.reload();
  await page.getByText("Asia/Tokyo").first().waitFor();
  await page.locator("html[data-theme=dark]").waitFor();
});
