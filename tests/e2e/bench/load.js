// How soon a page's heading is there when the app is opened for the first time, over slow lines. The app is sent as a host
// with brotli sends it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";
import { setting } from "../support/setting.js";

const LINES = [
  { name: "1.6 Mb/s, 150 ms", bytesPerSecond: 200_000, latency: 150 },
  { name: "9 Mb/s, 60 ms", bytesPerSecond: 1_125_000, latency: 60 },
];
const PAGES = [
  "settings/segments",
  "tools/segmentation",
  "tools/funnel",
  "tools/cohort",
  "composer",
  "users",
  "dictionary",
  "settings/data",
];
const TURNS = 3;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

const app = setting("E2E_APP");
const sent = new Map();

/** A file as it is sent; what is none is one of the app's pages. */
async function file(path) {
  const name = extname(path) === "" ? "/index.html" : path;
  if (!sent.has(name)) {
    const bytes = await readFile(join(app, normalize(name)));
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    const compressed = extname(name) === ".woff2" ? {} : { "Content-Encoding": "br" };
    sent.set(name, {
      body: compressed["Content-Encoding"] ? brotliCompressSync(bytes) : bytes,
      headers: { "Content-Type": type, "Cache-Control": "no-cache", ...compressed },
    });
  }
  return sent.get(name);
}

const server = createServer(async (request, response) => {
  try {
    const { headers, body } = await file(new URL(request.url, "http://localhost").pathname);
    response.writeHead(200, headers).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const address = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: setting("E2E_BROWSER"),
  args: setting("E2E_BROWSER_ARGUMENTS").split(" "),
});
try {
  console.log(`| | ${LINES.map(({ name }) => `${name} |`).join(" ")} files | KiB |`);
  console.log(`|---|${LINES.map(() => "---|").join("")}---|---|`);
  for (const path of PAGES) {
    await measure(path, LINES.at(-1));
    const opened = [];
    for (const line of LINES) {
      const turns = [];
      for (let turn = 0; turn < TURNS; turn += 1) turns.push(await measure(path, line));
      opened.push(turns.toSorted((a, b) => a.millis - b.millis)[Math.floor(TURNS / 2)]);
    }
    const times = opened.map(({ millis }) => `${(millis / 1_000).toFixed(1)} s |`).join(" ");
    console.log(`| ${path} | ${times} ${opened[0].files} | ${Math.ceil(opened[0].bytes / 1024)} |`);
  }
} finally {
  await browser.close();
  server.close();
}

/** Opens a page in a browser that has never seen it; answers when its heading is there, and what came until then. */
async function measure(path, { bytesPerSecond, latency }) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const line = await context.newCDPSession(page);
  await line.send("Network.enable");
  await line.send("Network.emulateNetworkConditions", {
    offline: false,
    latency,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
  const came = [];
  line.on("Network.loadingFinished", ({ encodedDataLength }) => came.push(encodedDataLength));
  const started = performance.now();
  await page.goto(`${address}/${path}`, { waitUntil: "commit" });
  await page.locator("#shell").waitFor({ state: "detached", timeout: 120_000 });
  await page.locator("main h1").first().waitFor({ timeout: 120_000 });
  const millis = performance.now() - started;
  const bytes = came.reduce((sum, length) => sum + length, 0);
  await context.close();
  return { millis, bytes, files: came.length };
}
