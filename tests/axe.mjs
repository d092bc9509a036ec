// Reads pages with axe-core in Chromium, light and dark; prints [{page, scheme, rule, impact, nodes}].
// node axe.mjs CHROMIUM NODE_MODULES PAGE...
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [chromium, modules, ...pages] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const puppeteer = require("puppeteer-core");
const source = require("axe-core").source;

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
const found = [];
for (const page of pages) {
  for (const scheme of ["light", "dark"]) {
    const tab = await browser.newPage();
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await tab.goto(pathToFileURL(page).href);
    await tab.evaluate(source);
    // a letter is no web page: no landmark, and its heading of the first level is its subject
    const told = await tab.evaluate(() =>
      window.axe.run({ rules: { region: { enabled: false }, "landmark-one-main": { enabled: false },
                                "page-has-heading-one": { enabled: false } } }));
    for (const { id, impact, nodes } of told.violations)
      found.push({ page, scheme, rule: id, impact, nodes: nodes.map((node) => `${node.html.slice(0, 160)} :: ${node.failureSummary}`) });
    await tab.close();
  }
}
await browser.close();
console.log(JSON.stringify(found));
