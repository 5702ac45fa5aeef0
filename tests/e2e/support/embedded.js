// The backend inside the tab without the app around it, spoken to as the app does.

/**
 * A page of the app's origin that is not the app, which would start a worker of its own. In it,
 * `await startBackend(url)` starts a worker and returns `{ ask, stop }`:
 * `await ask(method, path, body, contentType)` is `{ status, body }`, the path below `/api/v1`, the body JSON or a Blob.
 */
export async function embeddedPage(context, address) {
  const page = await context.newPage();
  await page.addInitScript(defineStartBackend);
  await page.goto(`${address}/config.json`);
  return page;
}

/** Where the app's worker is: the one with 128-bit vectors, or the one that runs everywhere. */
export async function workerUrl(address, { vectors = true } = {}) {
  const attribute = vectors ? "data-worker-simd" : "data-worker";
  return new RegExp(` ${attribute}="([^"]+)"`).exec(await (await fetch(address)).text())[1];
}

/** Run in a page: what `startBackend` is there. */
export function defineStartBackend() {
  globalThis.startBackend = (url) =>
    new Promise((started, failed) => {
      const worker = new Worker(url, { type: "module" });
      const waiting = new Map();
      let last = 0;
      const backend = {
        ask: (method, path, body = null, contentType = "application/json") =>
          new Promise((resolve, reject) => {
            last += 1;
            waiting.set(last, { resolve, reject });
            worker.postMessage({
              type: "request",
              id: last,
              method,
              path: `/api/v1${path}`,
              headers: [["content-type", contentType]],
              body: body === null || body instanceof Blob ? body : new TextEncoder().encode(JSON.stringify(body)).buffer,
            });
          }),
        stop: () => worker.terminate(),
      };
      worker.onerror = ({ message }) => failed(new Error(message));
      worker.onmessage = ({ data }) => {
        if (data.type === "ready") {
          started(backend);
        } else if (data.type === "start_failed") {
          failed(new Error(data.message));
        } else {
          const { resolve, reject } = waiting.get(data.id);
          waiting.delete(data.id);
          if (data.type === "failed") reject(new Error(data.message));
          else resolve({ status: data.status, body: read(data.body) });
        }
      };
    });

  function read(buffer) {
    const text = new TextDecoder().decode(buffer);
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
}
