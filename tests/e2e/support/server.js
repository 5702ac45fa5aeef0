// The native server on a data folder and a port of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setting } from "./setting.js";

const START_LIMIT_MS = 60_000;
const ADDRESS = /127\.0\.0\.1:(\d+)/;

/** Starts a server with an empty data folder, or with the demo project in it. */
export async function startServer({ demo }) {
  const data = await mkdtemp(join(tmpdir(), "user-segments-"));
  let running = await serve(data, 0, demo);
  const stop = () => end(running.program);
  return {
    url: `http://127.0.0.1:${running.port}`,
    data,
    /** Ends the server and starts it again on the same folder and port. `signal` "SIGKILL" is a crash. */
    async restart(signal = "SIGTERM") {
      await end(running.program, signal);
      running = await serve(data, running.port, demo);
    },
    async stop() {
      await stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Runs another command of the server's program, such as `import`, and returns what it printed. */
export async function serverCommand(...args) {
  const program = spawn(setting("E2E_SERVER"), args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  program.stdout.on("data", (text) => (printed += text));
  program.stderr.on("data", (text) => (printed += text));
  const [code] = await once(program, "close");
  if (code !== 0) throw new Error(`segments-server ${args.join(" ")} ended with ${code}: ${printed}`);
  return printed;
}

async function serve(data, port, demo) {
  const args = ["serve", "--data", data, "--listen", `127.0.0.1:${port}`, "--app", setting("E2E_APP")];
  if (demo) args.push("--demo");
  const program = spawn(setting("E2E_SERVER"), args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const address = new Promise((resolve, reject) => {
    const read = (text) => {
      printed += text;
      const found = ADDRESS.exec(printed);
      if (found && Number(found[1]) !== 0) resolve(Number(found[1]));
    };
    program.stdout.on("data", read);
    program.stderr.on("data", read);
    program.once("error", reject);
    program.once("close", (code) => reject(new Error(`segments-server ended with ${code}: ${printed}`)));
    setTimeout(() => reject(new Error(`segments-server told no address: ${printed}`)), START_LIMIT_MS).unref();
  });
  try {
    return { program, port: await address };
  } catch (error) {
    await end(program, "SIGKILL");
    throw error;
  }
}

async function end(program, signal = "SIGTERM") {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const closed = once(program, "close");
  program.kill(signal);
  await closed;
}
