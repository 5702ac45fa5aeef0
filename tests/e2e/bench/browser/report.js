// The report in Markdown.

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** `runs` without the one that warms up; nothing where a question was not answered. */
const counted = (runs) => runs && median(runs.slice(1).map(({ ms }) => ms));

const NONE = "–";

function time(ms) {
  if (ms === undefined) return NONE;
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(0)} s`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms >= 10) return `${ms.toFixed(0)} ms`;
  return `${ms.toFixed(ms >= 1 ? 1 : 2)} ms`;
}

const megabytes = (bytes) => (bytes === undefined ? NONE : `${(bytes / 2 ** 20).toFixed(0)} MiB`);

function ratio(one, other) {
  if (one === undefined || other === undefined) return NONE;
  const ratio = other / one;
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Rows of times and of memory: name, ours, and what it is held against. */
function row(name, shown, one, ...others) {
  return [name, shown(one), ...others.flatMap((other) => [shown(other), ratio(one, other)])];
}

const million = (events) => (events >= 1_000_000 ? `${events / 1_000_000} million` : events.toLocaleString("en"));

function againstPeer({ events, bytes, kinds, floor, one, scalar, peer }) {
  const rows = kinds.map((name, index) =>
    row(name, time, counted(one.answers[index]), counted(scalar.answers[index]), counted(peer.answers[index])),
  );
  return table(
    [`${million(events)} events`, "the app", "without vectors", "times", "duckdb-wasm", "times"],
    [
      ...rows,
      ["the floor", time(median(floor)), "", "", "", ""],
      [`importing ${(bytes / 1e6).toFixed(0)} MB of CSV`, time(one.load), "", "", time(peer.load), ratio(one.load, peer.load)],
      row("start, to the first preview", time, one.start, scalar.start, peer.start),
      ["memory, after the import", megabytes(one.brought), "", "", megabytes(peer.brought), ratio(one.brought, peer.brought)],
      ["memory, after a start", megabytes(one.rested), megabytes(scalar.rested), ratio(one.rested, scalar.rested), "", ""],
      row("memory, after all questions", megabytes, one.memory, scalar.memory, peer.memory),
    ],
  );
}

function inShares({ events, kinds, one, several }, shares) {
  const rows = kinds
    .map((name, index) => [name, counted(one.answers[index]), counted(several.answers[index])])
    .filter(([, , several]) => several !== undefined)
    .map(([name, one, several]) => [name, time(one), time(several), ratio(several, one)]);
  const more = (name, shown, of) => [name, shown(of(one)), shown(of(several)), ratio(of(several), of(one))];
  return table(
    [`${million(events)} events`, "one worker", `${shares} workers`, "times as fast, or as small"],
    [
      ...rows,
      more("importing the CSV", time, ({ load }) => load),
      more("start, to the first preview", time, ({ start }) => start),
      more("memory, after all questions", megabytes, ({ memory }) => memory),
    ],
  );
}

/** What stands on the screen before the worker is there. */
function firstPaint(runs) {
  const of = (pick) => time(median(runs.map(pick)));
  return table(
    ["the page, seen for the first time", "median"],
    [
      ["something is painted", of(({ painted }) => painted)],
      ["the app is shown", of(({ app }) => app)],
      ["the worker starts to load", of(({ worker }) => worker)],
      ["size of the page's module", `${(runs[0].module / 1_024).toFixed(0)} KiB`],
    ],
  );
}

export function markdown({ processors, paint, sizes, shares }) {
  return [
    `Chromium in headless mode on ${processors} processors. "Times" is how many times as long, or as much, as the app.`,
    ...sizes.map(againstPeer),
    `One worker with all users, and ${shares} with a share each, asked at the same time:`,
    ...sizes.map((size) => inShares(size, shares)),
    firstPaint(paint),
    "",
  ].join("\n\n");
}
