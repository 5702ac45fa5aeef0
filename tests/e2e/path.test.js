// The whole path: a file of one's own becomes a segment and people, and all of it is there after a reload.
import assert from "node:assert/strict";
import { assertAccessible } from "./support/accessible.js";
import { journey } from "./support/journey.js";
import { choose, eventually } from "./support/read.js";

const DAY_MS = 86_400_000;

/**
 * Events of a small shop, as a file that has what real files have: quotes, commas, an umlaut, a missing value and a line
 * that cannot be taken. Of 40 users, those with an even number buy as often as their number says, at most 9 times.
 */
function events(now) {
  const lines = ["user_id,event,timestamp,plan,amount,note"];
  let expected = 0;
  for (let user = 0; user < 40; user += 1) {
    const id = `user_${String(user).padStart(2, "0")}`;
    const at = (back) => new Date(now - back * DAY_MS / 4 - 60_000).toISOString();
    lines.push(`${id},Page Viewed,${at(1)},${user % 3 === 0 ? "pro" : "free"},,"from ""search"", größer"`);
    const purchases = user % 2 === 0 ? user % 10 : 0;
    for (let number = 0; number < purchases; number += 1) {
      lines.push(`${id},Purchase,${at(number)},${user % 3 === 0 ? "pro" : "free"},${number + 0.5},`);
    }
    if (purchases >= 3) expected += 1;
  }
  lines.push("user_99,Purchase,not a time,free,1,");
  return { csv: lines.join("\r\n"), rows: lines.length - 2, expected };
}

/** Drops a file on the page, as a person does. */
async function drop(page, name, text) {
  const transfer = await page.evaluateHandle(([name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "text/csv" }));
    return transfer;
  }, [name, text]);
  await page.locator(".us-dropzone").dispatchEvent("drop", { dataTransfer: transfer });
}

journey("a file becomes a segment and people", async ({ open, app, backend }) => {
  const { csv, rows, expected } = events(Date.now());
  const page = await open("/settings/data");
  await page.getByText("Your file replaces the demo data.").waitFor();

  // Bring it in.
  await drop(page, "shop.csv", csv);
  await page.getByRole("button", { name: "Import file", exact: true }).waitFor();
  for (const [label, column] of [["User id", "user_id"], ["Event name", "event"], ["Time", "timestamp"]]) {
    const field = page.getByLabel(label, { exact: true });
    await eventually(() => field.inputValue(), (value) => value === column, label);
  }
  await assertAccessible(page);
  await page.getByRole("button", { name: "Import file", exact: true }).click();
  await page.getByText(`${rows} events`, { exact: true }).waitFor();
  await page.getByText("1 row", { exact: true }).waitFor();
  await page.getByRole("cell", { name: /not a time/ }).first().waitFor();
  const rejects = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download rejected rows" }).click();
  assert.equal((await rejects).suggestedFilename(), "rejected-rows.csv");
  await assertAccessible(page);

  // Ask who bought at least three times.
  await page.getByRole("link", { name: "Build a segment" }).click();
  await page.getByRole("heading", { level: 1, name: "New segment" }).waitFor();
  const live = page.getByRole("complementary", { name: "Live result" });
  const sized = new RegExp(`^${expected} ?users, .* of 40$`);
  await live.getByText(/ of 40$/).first().waitFor();
  await page.getByRole("button", { name: "Add: Event" }).click();
  await choose(page, "Event", "Purchase");
  await page.getByRole("button", { name: "at least once" }).click();
  await page.getByLabel("Value", { exact: true }).fill("3");
  await page.keyboard.press("Escape");
  await live.getByText(sized).waitFor();
  await live.getByText("at least 3 times").waitFor();
  await assertAccessible(page);

  // A reload keeps the draft.
  await page.reload();
  await page.getByText("Your draft is back.").waitFor();
  await live.getByText(sized).waitFor();

  // Name the answer.
  await page.getByRole("button", { name: /^Create segment/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Segment Name").fill("Frequent buyers");
  await dialog.getByText(/who performed Purchase at least 3 times/).waitFor();
  await assertAccessible(page);
  await dialog.getByRole("button", { name: /^Create segment/ }).click();
  await page.getByRole("heading", { level: 1, name: "User Segments" }).waitFor();
  const row = page.getByRole("row", { name: /Frequent buyers/ });
  await row.waitFor();

  // Look at the people.
  await row.hover();
  await row.getByRole("link", { name: /View Users/ }).click();
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  await page.getByText(`${expected} users`, { exact: true }).waitFor();
  await page.getByRole("link", { name: "user_04" }).click();
  const profile = page.getByRole("complementary");
  await profile.getByRole("heading", { name: "user_04" }).waitFor();
  await profile.getByRole("link", { name: "Frequent buyers" }).waitFor();
  await profile.getByText("Purchase").first().waitFor();

  // It is all still there: after a reload, and with a server that crashed.
  if (backend === "server") await app.restart("SIGKILL");
  await page.reload();
  await profile.getByRole("link", { name: "Frequent buyers" }).waitFor();
  await page.getByText(`${expected} users`, { exact: true }).waitFor();
  const again = await open("/settings/segments");
  await again.getByRole("row", { name: /Frequent buyers/ }).getByText(String(expected), { exact: true }).waitFor();
});

journey("a file that is none is refused and nothing is lost", async ({ open }) => {
  const page = await open("/settings/data", { allow: [/status of 4\d\d/] });
  await page.getByText("Your file replaces the demo data.").waitFor();
  const facts = page.locator("dl").first();
  const before = await facts.textContent();
  await drop(page, "picture.csv", "\u0000\u0001\u0002PNG\u0000".repeat(50));
  await page.getByRole("alert").waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Choose another file" }).click();
  await page.getByRole("button", { name: "Choose a file" }).waitFor();
  await eventually(() => facts.textContent(), (after) => after === before, `not ${before}`);
});
