// The audit that every page has to pass.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { atRest } from "./read.js";

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails if axe-core finds anything on the page as it is now. */
export async function assertAccessible(page) {
  // A colour on its way from light to dark fails an audit that neither end fails.
  await atRest(page);
  // Evaluated, not added as a script: the content policy lets in no other script than the app's.
  await page.evaluate(await source);
  const violations = await page.evaluate(async () => {
    const results = await globalThis.axe.run(document);
    return results.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}\n  ${target.join(" ")}\n  ${failureSummary}`),
    );
  });
  assert.deepEqual(violations, [], `axe-core on ${page.url()}`);
}
