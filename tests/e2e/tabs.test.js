// Two tabs with the backend inside each of them, over one and the same storage.
import assert from "node:assert/strict";
import { embeddedPage, workerUrl } from "./support/embedded.js";
import { journey } from "./support/journey.js";

const ROWS = 200_000;

journey("two tabs cannot hurt each other", async ({ app, context }) => {
  const tabs = await openTabs(context, app);
  const [here, there] = tabs;

  await here.evaluate(importFile, { id: "first", from: 0, rows: 1_000 });
  assert.equal(await there.evaluate(countUsers), 1_000, "what one imports the other sees");

  const before = await here.evaluate(countSegments);
  // Each creates segments while the other does, some under the same name.
  const outcomes = await Promise.all(tabs.map((tab, index) => tab.evaluate(createSegments, `tab ${index}`)));
  for (const { own, shared } of outcomes) assert.deepEqual(own, Array(10).fill(201), JSON.stringify(shared));
  const winners = outcomes.flatMap(({ shared }) => shared).filter((status) => status === 201);
  assert.equal(winners.length, 10, "each shared name has one winner");
  for (const tab of tabs) assert.equal(await tab.evaluate(countSegments), before + 30);

  // Both import at once: who is refused is told so, and what was taken is there.
  const imports = await Promise.all(
    tabs.map((tab, index) => tab.evaluate(importFile, { id: `both-${index}`, from: (index + 1) * ROWS, rows: ROWS })),
  );
  const taken = imports.reduce((sum, accepted) => sum + accepted, 1_000);
  assert.ok(taken >= 1_000 + ROWS, "at least one of the two was taken");
  for (const tab of tabs) assert.equal(await tab.evaluate(countUsers), taken);

  // A tab that is closed in the middle of an import leaves nothing of it, and the other one can import.
  await here.evaluate(beginImport, { id: "cut", from: 5 * ROWS, rows: ROWS });
  await here.close();
  assert.equal(await there.evaluate(countUsers), taken);
  // The browser may take a moment to end the tab's worker, which has the right to write until then.
  let accepted = 0;
  for (let tries = 0; accepted === 0 && tries < 100; tries += 1) {
    accepted = await there.evaluate(importFile, { id: `after-${tries}`, from: 10 * ROWS, rows: 500 });
    if (accepted === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(accepted, 500);
  const later = await openTab(context, app);
  assert.equal(await later.evaluate(countUsers), taken + 500);
}, { backends: ["worker"] });

journey("a full storage is said, and takes nothing away", async ({ app, context }) => {
  const tab = await openTab(context, app);
  await tab.evaluate(importFile, { id: "first", from: 0, rows: 1_000 });
  const session = await context.newCDPSession(tab);
  await session.send("Storage.overrideQuotaForOrigin", { origin: app.url, quotaSize: 200_000 });

  const { status, body } = await tab.evaluate((what) => runImport(what), { id: "large", from: 1_000, rows: ROWS });
  assert.match(JSON.stringify(body), /room/, `${status}`);
  assert.equal(await tab.evaluate(countUsers), 1_000);

  await session.send("Storage.overrideQuotaForOrigin", { origin: app.url });
  assert.equal(await tab.evaluate(importFile, { id: "small", from: 1_000, rows: 10 }), 10);
  assert.equal(await tab.evaluate(countUsers), 1_010);
}, { backends: ["worker"] });

function openTabs(context, app) {
  return Promise.all([openTab(context, app), openTab(context, app)]);
}

async function openTab(context, app) {
  const page = await embeddedPage(context, app.url);
  await page.evaluate(async (url) => {
    globalThis.backend = await startBackend(url);
    globalThis.file = (from, rows) => {
      const lines = ["user,event,time\n"];
      for (let user = from; user < from + rows; user += 1) lines.push(`u${user},Seen,${1_700_000_000_000 + user}\n`);
      return new Blob(lines);
    };
    globalThis.runImport = async ({ id, from, rows }) => {
      const path = `/imports/${id}`;
      let answer = await backend.ask("PUT", `${path}?kind=events`, file(from, rows), "text/csv");
      while (["reading", "building"].includes(answer.body.status)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        answer = await backend.ask("GET", path);
      }
      return answer;
    };
  }, await workerUrl(app.url));
  return page;
}

// The functions below run in the page.

/** How many rows were taken: none where the import was refused. */
async function importFile(what) {
  const { status, body } = await runImport(what);
  if (body.status === "complete") return body.report.accepted;
  if (status < 400 && body.status !== "failed") throw new Error(`${status} ${JSON.stringify(body)}`);
  return 0;
}

async function beginImport({ id, from, rows }) {
  backend.ask("PUT", `/imports/${id}?kind=events`, file(from, rows), "text/csv").catch(() => {});
  for (;;) {
    const { status, body } = await backend.ask("GET", `/imports/${id}`);
    if (["reading", "building"].includes(body.status)) return;
    if (status === 200) throw new Error(`It cannot be cut any more: ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function countUsers() {
  const definition = { type: "event", event: "Seen", during: { type: "all_time" } };
  const { status, body } = await backend.ask("POST", "/segments/preview", { definition });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.users;
}

async function createSegments(tab) {
  const definition = { type: "event", event: "Seen", during: { type: "all_time" } };
  const create = async (name) => {
    const segment = { name, description: "", category: "", kind: "dynamic", definition };
    return (await backend.ask("POST", "/segments", segment)).status;
  };
  const own = [];
  const shared = [];
  for (let number = 0; number < 10; number += 1) {
    own.push(await create(`${tab}, ${number}`));
    shared.push(await create(`shared ${number}`));
  }
  return { own, shared };
}

async function countSegments() {
  return (await backend.ask("GET", "/segments?limit=1")).body.total;
}
