// Our worker, asked as the app asks it.
import { watched } from "./channel.js";
import { digest } from "./questions.js";

const POLL_MS = 5;

/** Starts the worker whose module is at `main`. */
export async function start(main) {
  const { url, memory } = watched("/bench/ours.worker.js", { main });
  const backend = await startBackend(url);

  async function ask(method, path, body, contentType) {
    const { status, body: answer } = await backend.ask(method, path, body, contentType);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async function until(path, answer, ...working) {
    while (working.includes(answer.status)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      answer = await ask("GET", path);
    }
    if (answer.status !== "complete") throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async function bringIn(id, file) {
    const path = `/imports/${id}`;
    const begun = await ask("PUT", `${path}?kind=events&user=user&event=event&time=time`, file, "text/csv");
    const { report } = await until(path, begun, "reading", "building");
    return report.accepted;
  }

  const asks = {
    preview: ({ body }) => ask("POST", "/segments/preview", body),
    funnel: ({ body }) => ask("POST", "/query", body),
    cohort: ({ body }) => ask("POST", "/query", body),
    segmentation: ({ body }) => ask("POST", "/query", body),
    explain: ({ user, body }) => ask("POST", `/users/${user}/explain`, body),
    export: async ({ body }) => {
      const begun = await ask("POST", "/exports", body);
      const path = `/exports/${begun.id}`;
      await until(path, begun, "pending", "running");
      return ask("GET", `${path}/file`);
    },
  };

  let last;
  return {
    memory,
    stop: () => backend.stop(),
    /** Brings in one event that no question is about, of a user whom the file has. */
    replaceDemo: () => bringIn("first", new Blob(["user,event,time\nuser-0000000,Signed Up,1577836800000\n"])),
    load: (file) => bringIn("bench", file),
    /** Asks a question and tells how long that took. `answer` then tells what was answered, on time of its own. */
    async ask({ ours }) {
      const begin = performance.now();
      const answer = await asks[ours.kind](ours);
      const ms = performance.now() - begin;
      last = () => digest(READ[ours.kind](answer));
      return ms;
    },
    answer: () => last(),
  };
}

/** The figures of an answer: row, cell, value. */
const READ = {
  preview: ({ users }) => [[0, 0, users]],
  funnel: ({ groups: [all] }) => all.steps.map(({ users }, step) => [0, step, users]),
  cohort: ({ rows }) =>
    rows.flatMap(({ generation, users, cells }) => {
      const row = Date.parse(generation);
      return [[row, null, users], ...cells.map(({ value }, period) => [row, period, value])];
    }),
  segmentation: ({ buckets, series }) =>
    series.flatMap(({ group: [cell], values }) =>
      values.map((value, bucket) => [Date.parse(buckets[bucket].start), cell, value]),
    ),
  explain: ({ holds }) => [[0, 0, Number(holds)]],
  export: (text) => [[0, 0, text.trimEnd().split("\n").length - 1]],
};
