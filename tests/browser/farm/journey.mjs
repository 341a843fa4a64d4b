// One visitor's way through the whole site, and everything others learn of it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { site } from '../farm.mjs';
import { services } from './services.mjs';
import { dormant, hostOf, visited, ways } from './ways.mjs';

// A browser asks late for some things: hints when it is idle, reports in bulk.
// The patience is the same where something must come and where nothing may.
const perPage = 300; // milliseconds
const atTheEnd = 2000;

// quiet waits until whatever was begun has arrived.
export const quiet = () => pause(atTheEnd);

let journeys = 0;

// journey lets a visitor of arrive(options) come to a standing and then read
// every page. It returns what he was seen to do from there on.
export async function journey({ farm }, arrive, javaScriptEnabled, reach = async () => {}) {
  journeys += 1;
  const netLog = join(farm.folder, `names-${journeys}.json`);
  const visitor = await arrive({ javaScriptEnabled, netLog });
  let seen;
  try {
    await reach(visitor);
    await quiet();
    farm.forget();
    await visitor.page.goto(`${site}/from-here`);
    const pasted = await readSnippets(farm, visitor);
    farm.forget();
    const written = await readWays(visitor);
    seen = { ...pasted, ...written, contacted: wayNames(farm.contacted()) };
  } finally {
    await visitor.close();
  }
  return { ...seen, lookups: await lookupsIn(netLog) };
}

// readSnippets opens the page with what publishers paste.
async function readSnippets(farm, visitor) {
  const { page, scripts } = visitor;
  await page.goto(`${site}/`);
  for (const name of Object.keys(services)) {
    const section = page.locator(`#${name}`);
    if (await section.count()) await section.scrollIntoViewIfNeeded();
  }
  await quiet();
  return {
    asked: farm.contacted(),
    calls: farm.seen.map(({ host, path }) => host + path),
    ownHostAsked: farm.seen.some(({ host }) => host === 'images.gazette.example'),
    cookies: (await visitor.context.cookies(site)).map(({ name }) => name),
    storage: scripts ? await page.evaluate(storedKeys) : [],
    shown: await servicesThat(async ({ shows }, name) => shows
      && page.frameLocator(`#${name} iframe`).locator('h1', { hasText: shows }).isVisible()),
    ready: scripts ? await servicesThat(({ ready }) => ready && page.evaluate(ready)) : [],
  };
}

// readWays opens every page in a tab of its own and presses what can be pressed.
async function readWays({ context, scripts }) {
  const left = new Set();
  for (const name of visited) {
    const page = await context.newPage();
    const answer = await page.goto(`${site}/${name}`);
    for (const control of await page.locator('[data-press]').all()) await control.press('Enter');
    await pause(perPage);
    const headers = (await answer.headersArray()).map(({ value }) => value);
    const texts = [...headers, ...scripts && page.url().startsWith(site) ? await page.evaluate(liveTexts) : []];
    for (const way of dormant) if (texts.some((text) => text.includes(hostOf(way)))) left.add(way);
  }
  await quiet();
  return { dormantLeft: [...left] };
}

// wayNames writes hosts of ways as their names, and any other as it is.
const wayNames = (hosts) => hosts
  .map((host) => ways.find((way) => way.host === host)?.name ?? host)
  .sort();

// storedKeys runs in the page.
const storedKeys = async () => [
  ...Object.keys(localStorage),
  ...Object.keys(sessionStorage),
  ...(await indexedDB.databases()).map(({ name }) => name),
];

// liveTexts runs in the page: attributes that are not put aside, and styles.
const liveTexts = () => [...document.querySelectorAll('*')].flatMap((element) => [
  ...[...element.attributes].filter(({ name }) => !name.startsWith('data-held-')).map(({ value }) => value),
  ...element.matches('style') ? [element.textContent] : [],
]);

async function servicesThat(holds) {
  const found = [];
  for (const [name, service] of Object.entries(services)) if (await holds(service, name)) found.push(name);
  return found;
}

// lookupsIn reads Chromium's own log from the page on that begins the journey.
async function lookupsIn(netLog) {
  const text = await readFile(netLog, 'utf8');
  const events = text.slice(text.lastIndexOf('/from-here'));
  return ways
    .filter(({ lookup, name }) => lookup && events.includes(`"https://${name}.localhost"`))
    .map(({ name }) => name)
    .sort();
}
