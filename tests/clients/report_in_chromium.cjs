// Opens reports in Chromium as readers do: light, dark, in forced colours, on paper, and on a narrow screen. Says what axe-core, the
// console and the layout have to say about each; what to think of it is for whoever asked.
//
//   node report_in_chromium.cjs JOB.json
//   {"playwright": MODULE, "axe": FILE, "chromium": PROGRAM, "libraries": FOLDERS or null, "screenshots": FOLDER,
//    "pages": [{"name": NAME, "file": FILE, "judged": whether axe-core looks at it,
//               "pictured": whether how it looks is kept}]}

"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const WIDE = { width: 1280, height: 900 };
// WCAG 1.4.10 asks for 320 pixels, which is 400 % of a usual screen; half of one is 200 %.
const NARROW = [320, 640];
const TALLEST_PICTURE = 2600;
const COLOURS = {
  light: { media: "screen", colorScheme: "light", forcedColors: "none" },
  dark: { media: "screen", colorScheme: "dark", forcedColors: "none" },
  forced: { media: "screen", colorScheme: "dark", forcedColors: "active" },
};
const PAPER = { media: "print", colorScheme: "light", forcedColors: "none" };
// A landscape sheet of Letter size, the narrower of the two that are used, without its margins.
const PAPER_WIDTH = 960;

/** What is on the page, apart from how it looks. */
function inspected() {
  const all = [...document.querySelectorAll("*")];
  const names = [...new Set(all.map((element) => element.localName))].sort();
  const attributes = [...new Set(all.flatMap((element) => element.getAttributeNames()))].sort();
  const columns = (row) => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0);
  const uneven = [...document.querySelectorAll("table")].filter(
    (table) => new Set([...table.rows].map(columns)).size > 1,
  );
  return {
    title: document.title,
    heading: [...document.querySelectorAll("h1")].map((heading) => heading.innerText),
    elements: names,
    attributes,
    addresses: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
    brokenAddresses: [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href"))
      .filter((address) => !document.getElementById(address.slice(1))),
    tables: document.querySelectorAll("table").length,
    captions: document.querySelectorAll("table > caption").length,
    unevenTables: uneven.length,
    gauges: document.querySelectorAll("svg[role=img] > title").length,
    isStyled: getComputedStyle(document.body).marginTop === "0px",
    text: document.body.textContent,
  };
}

function judged(page) {
  return page.evaluate(async () => {
    const results = await axe.run(document, { resultTypes: ["violations"] });
    return results.violations.map((violation) => ({
      id: violation.id,
      nodes: violation.nodes.slice(0, 5).map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  });
}

async function pictured(page, job, name) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const { width } = page.viewportSize();
  const file = path.join(job.screenshots, `${name}.png`);
  const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST_PICTURE) };
  await page.screenshot({ path: file, fullPage: true, clip });
}

async function opened(context, job, { name, file, judged: isJudged, pictured: isPictured }, axe) {
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== pathToFileURL(file).href) complaints.push(`asks for ${request.url()}`);
  });
  const answer = { name, violations: {}, overflow: {} };
  await page.setViewportSize(WIDE);
  await page.goto(pathToFileURL(file).href);
  await page.keyboard.press("Tab");
  answer.firstStop = await page.evaluate(() => document.activeElement.className);
  answer.page = await page.evaluate(inspected);
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(axe);
  for (const [mode, media] of Object.entries(COLOURS)) {
    await page.emulateMedia(media);
    if (isJudged) answer.violations[mode] = await judged(page);
    if (isPictured) await pictured(page, job, `${name}-${mode}`);
  }
  await page.emulateMedia(COLOURS.light);
  for (const width of NARROW) {
    await page.setViewportSize({ width, height: 900 });
    answer.overflow[width] = await page.evaluate(() => document.documentElement.scrollWidth);
    if (isPictured) await pictured(page, job, `${name}-${width}`);
  }
  await page.emulateMedia(PAPER);
  await page.setViewportSize({ width: PAPER_WIDTH, height: 900 });
  answer.overflow.paper = await page.evaluate(() => document.documentElement.scrollWidth);
  answer.hiddenOnPaper = await page.evaluate(
    () => [...document.querySelectorAll("main table")].filter((table) => table.getBoundingClientRect().height < 10).length,
  );
  if (isPictured) await pictured(page, job, `${name}-paper`);
  answer.complaints = complaints;
  await page.close();
  return answer;
}

async function main() {
  const job = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  const { chromium } = require(job.playwright);
  const axe = fs.readFileSync(job.axe, "utf8");
  fs.mkdirSync(job.screenshots, { recursive: true });
  // Who runs as root, as containers do, has no sandbox; the pages are our own.
  const libraries = job.libraries ? { LD_LIBRARY_PATH: job.libraries } : {};
  const env = { ...process.env, ...libraries };
  const browser = await chromium.launch({ executablePath: job.chromium, args: ["--no-sandbox"], env });
  try {
    const context = await browser.newContext();
    const answers = [];
    for (const page of job.pages) answers.push(await opened(context, job, page, axe));
    process.stdout.write(JSON.stringify(answers));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exitCode = 1;
});
