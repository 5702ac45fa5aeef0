// A worker with a share of the users, on an origin and a storage of its own, for the page around it.
import { start } from "./ours.js";

let engine;

addEventListener("message", async ({ data: { id, call, argument } }) => {
  try {
    if (call === "start") engine = await start(argument);
    const result = call === "start" ? undefined : await engine[call](argument);
    parent.postMessage({ id, result }, "*");
  } catch (error) {
    parent.postMessage({ id, error: String(error) }, "*");
  }
});
parent.postMessage({ id: "listening" }, "*");
