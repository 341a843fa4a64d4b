// The ways by which a page makes a browser turn to somebody else, read from the
// pages in pages/. Each way has a host of its own, so that a leak names its way:
//
//	{{name}}              way-name.example-third.test, in any page
//	{{name scripts}}      … which needs scripts to be contacted
//	{{name noscript}}     … which needs scripts to be off
//	{{name lookup}}       … whose name is looked up, without a connection
//	{{name dormant}}      … which other browsers take, or this one once took
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('pages/', import.meta.url);
const mark = /\{\{([a-z0-9-]+)((?: (?:scripts|noscript|lookup|dormant))*)\}\}/g;

export const hostOf = (name) => `way-${name}.example-third.test`;

// files maps the name of a file to its text, every mark replaced by its host.
export const files = new Map();

// ways are all of them: { name, host, file, scripts, noscript, lookup, dormant }.
export const ways = [];

for (const file of readdirSync(folder).sort()) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  files.set(file, text.replaceAll(mark, (all, name) => hostOf(name)));
  for (const [, name, flags] of text.matchAll(mark)) {
    const way = { name, host: hostOf(name), file };
    for (const flag of ['scripts', 'noscript', 'lookup', 'dormant']) way[flag] = flags.includes(` ${flag}`);
    ways.push(way);
  }
}

// Parts of other pages, and pages with tests of their own, are not visited.
const parts = new Set(['inner', 'fragment', 'strict', 'boxes']);

export const visited = [...files.keys()]
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.slice(0, -'.html'.length))
  .filter((name) => !parts.has(name));

const names = (wanted) => ways.filter(wanted).map(({ name }) => name).sort();
const possible = ({ scripts, noscript }, enabled) => !(enabled ? noscript : scripts);

// taken lists the ways by which this browser contacts somebody, lookedUp those
// by which it asks for a name, dormant those it does not take.
export const taken = (scripts) => names((way) => !way.dormant && !way.lookup && possible(way, scripts));
export const lookedUp = (scripts) => names((way) => way.lookup && possible(way, scripts));
export const dormant = names((way) => way.dormant);
