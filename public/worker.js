// The worker's way in. A module that cannot be started has no other way to tell the page.
import init from "./segments-worker.js";

try {
  await init();
} catch (error) {
  postMessage({ type: "start_failed", message: String(error) });
}
