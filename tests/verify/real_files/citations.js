// Print what citeproc-js reads in a file of CSL-JSON, as a JSON list: citations.js CITEPROC STYLE LOCALE FILE.
"use strict";
const fs = require("fs");
const [citeproc, style, locale, file] = process.argv.slice(2);
const CSL = require(citeproc);
const items = JSON.parse(fs.readFileSync(file, "utf8"));
const byId = new Map(items.map((item) => [item.id, item]));
const engine = new CSL.Engine(
  { retrieveItem: (id) => byId.get(id), retrieveLocale: () => fs.readFileSync(locale, "utf8") },
  fs.readFileSync(style, "utf8"),
  "en-GB",
);
engine.setOutputFormat("text");
const records = [];
for (let begin = 0; begin < items.length; begin += 200) {
  const ids = items.slice(begin, begin + 200).map((item) => item.id);
  engine.updateItems(ids);
  const [parameters, entries] = engine.makeBibliography();
  parameters.entry_ids.forEach((id, index) => records.push({ id: id[0], text: entries[index] }));
}
console.log(JSON.stringify(records));
