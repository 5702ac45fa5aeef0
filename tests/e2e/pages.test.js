// Every page of the app, in every look, with nothing that axe-core finds.
import { assertAccessible } from "./support/accessible.js";
import { assertBoxes } from "./support/boxes.js";
import { journey, shootEveryLook } from "./support/journey.js";

/** The page of a tool with a query as the contract has it: such links may be written by hand. */
const asking = (query) => `/tools/${query.tool}?q=${encodeURIComponent(JSON.stringify(query))}`;

const SEGMENTATION = {
  tool: "segmentation",
  measures: [
    { event: "Product Viewed", aggregate: { of: "users" } },
    { event: "Order Completed", aggregate: { of: "total" } },
  ],
  group_by: [{ scope: "user", name: "country" }],
  during: { type: "last", count: 30, unit: "day" },
  interval: "day",
  compare: "previous_range",
  max_groups: 3,
};

const FUNNEL = {
  tool: "funnel",
  steps: ["Product Viewed", "Added to Cart", "Checkout Started", "Order Completed"].map((event) => ({ event })),
  within: { of: "funnel", count: 7, unit: "day" },
  during: { type: "last", count: 30, unit: "day" },
};

const COHORT = {
  tool: "cohort",
  start: [{ event: "Signed Up" }],
  first_time: true,
  return: { event: "Product Viewed" },
  unit: "week",
  periods: 11,
  match: "on",
  during: { type: "last", count: 12, unit: "week" },
};

/** What stands under each result. */
const stamped = (page) => page.locator(".us-results .us-asof").first();

/** The pages, and what stands there once they are loaded. */
const PAGES = [
  ["segments", "/settings/segments", (page) => page.getByRole("row").nth(3)],
  ["tool-segmentation", asking(SEGMENTATION), stamped],
  ["tool-segmentation-empty", "/tools/segmentation", (page) => page.getByRole("button", { name: /^Users who performed/ }).first()],
  ["tool-funnel", asking(FUNNEL), stamped],
  ["tool-funnel-by", asking({ ...FUNNEL, group_by: { scope: "user", name: "country" }, max_groups: 3 }), stamped],
  ["tool-cohort", asking(COHORT), stamped],
  ["composer", "/composer", (page) => page.getByRole("button", { name: /^Create segment/ })],
  ["users", "/users", (page) => page.getByRole("row").nth(10)],
  ["dictionary", "/dictionary", (page) => page.getByRole("row").nth(3)],
  ["data", "/settings/data", (page) => page.getByRole("button", { name: "Choose a file" })],
  ["preferences", "/settings/preferences", (page) => page.getByRole("heading", { level: 1 })],
];

journey("every page is accessible and can be looked at", async ({ open }) => {
  for (const [name, path, loaded] of PAGES) {
    const page = await open(path);
    await loaded(page).waitFor();
    await assertAccessible(page);
    await shootEveryLook(page, name);
    await page.emulateMedia({ colorScheme: "dark" });
    await assertAccessible(page);
    await page.close();
  }
}, { backends: ["worker"] });

/** Windows of laptops and tablets; on phones the tools have rules of their own. */
const SIZES = [[1366, 768], [1024, 768], [768, 760]];
const PHONES = [[640, 700], [390, 844], [320, 640]];

journey("no page is wider than its window, and each region has one scroll bar", async ({ open }) => {
  for (const [name, path, loaded] of PAGES) {
    const page = await open(path);
    await loaded(page).waitFor();
    for (const [width, height] of name.startsWith("tool") ? SIZES : [...SIZES, ...PHONES]) {
      await page.setViewportSize({ width, height });
      await assertBoxes(page, name);
    }
    await page.close();
  }
}, { backends: ["worker"] });

journey("one user is accessible and can be looked at", async ({ open }) => {
  // Who was seen last may have done a single thing so far; who did most has a timeline at any hour.
  const page = await open("/users?sort=-events");
  await page.getByRole("row").nth(1).getByRole("link").click();
  const profile = page.getByRole("complementary");
  await profile.getByRole("heading", { name: "Timeline" }).waitFor();
  await profile.getByRole("listitem").nth(3).waitFor();
  await assertAccessible(page);
  await shootEveryLook(page, "user");
}, { backends: ["worker"] });
