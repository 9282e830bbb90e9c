// Print what Citation.js reads in a file, as a list of CSL-JSON: references.js CORE PLUGIN TYPE FILE.
"use strict";
const fs = require("fs");
const [core, plugin, type, file] = process.argv.slice(2);
const { plugins } = require(core);
require(plugin);
const records = plugins.input.chain(fs.readFileSync(file, "utf8"), { forceType: type, generateGraph: false });
process.stdout.write(JSON.stringify(records));
