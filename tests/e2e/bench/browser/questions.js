// The questions: for each kind several that differ, so that no answer can be remembered. Each is told twice, as our
// contract says it and in SQL.

export const NAMES = [
  "Page Viewed",
  "Product Viewed",
  "Product Searched",
  "Product Added",
  "Cart Viewed",
  "Checkout Started",
  "Order Completed",
  "Review Written",
];
const DAY = 86_400_000;
export const YEAR_SECONDS = 365 * 86_400;
/** 2025-01-01, a Wednesday. */
export const START = Date.UTC(2025, 0, 1);
const END = START + YEAR_SECONDS * 1_000;

const instant = (millis) => new Date(millis).toISOString();
const AS_OF = instant(END);
const during = (start, end) => ({ type: "instants", start: instant(start), end: instant(end) });
const inside = (start, end) => `time >= epoch_ms(${start}) AND time < epoch_ms(${end})`;
const any = (texts) => texts.map((text) => `'${text}'`).join(", ");

/** "Did X at least n times in some days, in one of three countries." */
function counted(index) {
  const [start, end] = [START + (200 + index) * DAY, START + (230 + 2 * index) * DAY];
  const countries = [0, 1, 2].map((more) => `/path/${(7 + index + more) % 40}`);
  const event = NAMES[index % 2];
  return {
    definition: {
      type: "event",
      event,
      where: { type: "property", scope: "event", name: "country", op: "is", values: countries },
      compare: { op: "at_least", value: 2 },
      during: during(start, end),
    },
    where: `event = '${event}' AND country IN (${any(countries)}) AND ${inside(start, end)}`,
  };
}

function preview(index) {
  const { definition, where } = counted(index);
  return {
    ours: { kind: "preview", body: { definition, as_of: AS_OF } },
    peer: {
      kind: "numbers",
      sql: `SELECT count(*) FROM (SELECT "user" FROM events WHERE ${where} GROUP BY "user" HAVING count(*) >= 2)`,
    },
  };
}

/** Each step strictly later than the one before it, all within some days of the first: every first step is tried. */
const funnel = (steps) => (index) => {
  const [start, end] = [START + index * DAY, START + (200 + index) * DAY];
  const days = 60 + index;
  const names = NAMES.slice(0, steps);
  const of = (name) => `SELECT "user", time FROM events WHERE event = '${name}'`;
  const reached = names.map((name, step) =>
    step === 0
      ? `s0 AS MATERIALIZED (SELECT "user", time AS first, time AS last FROM events WHERE event = '${name}' AND ${inside(start, end)})`
      : `s${step} AS MATERIALIZED (SELECT s."user", s.first, n.time AS last FROM s${step - 1} s ASOF JOIN (${of(name)}) n
          ON s."user" = n."user" AND s.last < n.time WHERE n.time <= s.first + INTERVAL ${days} DAY)`,
  );
  const counts = names.map((_, step) => `(SELECT count(DISTINCT "user") FROM s${step})`);
  return {
    ours: {
      kind: "funnel",
      body: {
        tool: "funnel",
        steps: names.map((event) => ({ event })),
        order: "sequential",
        within: { of: "funnel", count: days, unit: "day" },
        during: during(start, end),
        as_of: AS_OF,
      },
    },
    peer: { kind: "numbers", sql: `WITH ${reached.join(", ")} SELECT ${counts.join(", ")}` },
  };
};

function cohort(index) {
  const [first, back] = [NAMES[index % 3], NAMES[(index + 1) % 3]];
  const start = START + index * DAY;
  const week = (time) => `date_trunc('week', ${time})`;
  return {
    ours: {
      kind: "cohort",
      body: {
        tool: "cohort",
        start: [{ event: first }],
        first_time: true,
        return: { event: back },
        unit: "week",
        periods: 52,
        match: "on",
        during: during(start, END),
        as_of: AS_OF,
      },
    },
    peer: {
      kind: "cells",
      sql: `WITH starts AS MATERIALIZED (SELECT "user", min(time) AS first FROM events WHERE event = '${first}' GROUP BY "user"
          HAVING first >= epoch_ms(${start}))
        SELECT epoch_ms(${week("first")}) AS row, NULL AS cell, count(*) AS n FROM starts GROUP BY ALL
        UNION ALL
        SELECT epoch_ms(${week("s.first")}), date_diff('day', ${week("s.first")}, ${week("e.time")}) // 7, count(DISTINCT e."user")
        FROM events e JOIN starts s ON e."user" = s."user" WHERE e.event = '${back}' AND e.time > s.first GROUP BY ALL`,
    },
  };
}

const byDay = (figure, sql) => (index) => {
  const event = NAMES[index % 3];
  const [start, end] = [START + index * DAY, END - index * DAY];
  return {
    ours: {
      kind: "segmentation",
      body: {
        tool: "segmentation",
        measures: [{ event, aggregate: { of: figure } }],
        group_by: [{ scope: "event", name: "country" }],
        during: during(start, end),
        interval: "day",
        max_groups: 40,
        as_of: AS_OF,
      },
    },
    peer: {
      kind: "cells",
      sql: `SELECT epoch_ms(date_trunc('day', time)) AS row, country AS cell, ${sql} AS n FROM events
        WHERE event = '${event}' AND ${inside(start, end)} GROUP BY ALL`,
    },
  };
};

/** Why one user meets a definition. SQL only says whether. */
function explain(index, users) {
  const event = NAMES[index % 2];
  const [start, end] = [START + index * DAY, END - index * DAY];
  const user = Math.floor((users * (index + 1)) / 10);
  const definition = { type: "event", event, compare: { op: "at_least", value: 5 }, during: during(start, end) };
  return {
    ours: { kind: "explain", user: `user-${String(user).padStart(7, "0")}`, body: { definition, as_of: AS_OF } },
    peer: {
      kind: "numbers",
      sql: `SELECT (count(*) >= 5)::INTEGER FROM events WHERE "user" = ${user} AND event = '${event}' AND ${inside(start, end)}`,
    },
  };
}

/** The users as a file, with what they have done. */
function exported(index) {
  const { definition, where } = counted(index);
  return {
    ours: {
      kind: "export",
      body: { definition, format: "csv", columns: ["first_event_at", "last_event_at", "events"], as_of: AS_OF },
    },
    peer: {
      kind: "file",
      sql: `SELECT "user", min(time), max(time), count(*) FROM events WHERE "user" IN
        (SELECT "user" FROM events WHERE ${where} GROUP BY "user" HAVING count(*) >= 2) GROUP BY "user"`,
    },
  };
}

const KINDS = [
  ["preview: did X at least 2 times, in one of 3 countries", preview],
  ["funnel of 2 steps", funnel(2)],
  ["funnel of 4 steps", funnel(4)],
  ["funnel of 8 steps", funnel(8)],
  ["cohort: weekly over a year", cohort],
  ["segmentation: occurrences by day and country", byDay("total", "count(*)")],
  ["segmentation: users by day and country", byDay("users", 'count(DISTINCT "user")')],
  ["why one user is in a segment", explain],
  ["export of a segment as CSV", exported],
];

/** `[{ name, questions }]`, with that many questions each. */
export function kinds(count, users) {
  return KINDS.map(([name, make]) => ({
    name,
    questions: Array.from({ length: count }, (_, index) => make(index, users)),
  }));
}

/**
 * What is compared of an answer: how many figures it has besides zeros, their sum, and a fingerprint of which is where.
 * The sums of two shares of the users add up to the sum of all of them.
 */
export function digest(cells) {
  const texts = [];
  let sum = 0;
  for (const [row, cell, value] of cells) {
    if (value) {
      texts.push(`${row} ${cell} ${value}`);
      sum += value;
    }
  }
  let print = 0;
  for (const text of texts.sort()) {
    for (let index = 0; index < text.length; index += 1) {
      print = Math.imul(print ^ text.charCodeAt(index), 0x01000193);
    }
  }
  return { figures: texts.length, sum, print: print >>> 0 };
}
