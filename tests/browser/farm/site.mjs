// The publisher's site: the pages of pages/ with the headers publishers send,
// over plain HTTP for a gateway in front, and by itself over HTTP/2.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { closed, listening } from '../farm.mjs';
import { page as services } from './snippets.mjs';
import { files, hostOf, ways } from './ways.mjs';

const types = {
  css: 'text/css', html: 'text/html; charset=utf-8', js: 'text/javascript', svg: 'image/svg+xml',
};
const dot = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const from = (name, path = '/') => `https://${hostOf(name)}${path}`;

// encodings are the pages that are not UTF-8 written plainly.
const encodings = {
  'utf-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  // Between the two escape sequences, every byte is half a letter.
  'iso-2022-jp': (text) => Buffer.from(text.replace('</h1>', ' \x1b$B$3$s\x1b(B</h1>'), 'latin1'),
  compressed: (text) => gzipSync(text),
};

const headers = {
  'utf-16': { 'Content-Type': 'text/html; charset=utf-16le' },
  'iso-2022-jp': { 'Content-Type': 'text/html; charset=iso-2022-jp' },
  xhtml: { 'Content-Type': 'application/xhtml+xml; charset=utf-8' },
  compressed: { 'Content-Encoding': 'gzip' },
  unlabelled: { 'Content-Type': null },
  'refresh-header': { Refresh: `0; url=${from('header-refresh', '/next')}` },
  headers: {
    Link: [
      `<${from('header-preload', '/a.png')}>; rel=preload; as=image, <${from('header-preload-second', '/a,b.css')}>; rel="x preload"; as=style`,
      `<${from('header-preconnect')}>; rel=preconnect`,
      `<${from('header-dns-prefetch')}>; rel="dns-prefetch"`,
      `<${from('header-modulepreload', '/a.js')}>; rel=modulepreload`,
      `<${from('header-prefetch', '/a.js')}>; rel=prefetch`,
      `<${from('header-stylesheet', '/a.css')}>; rel=stylesheet`,
    ],
    'Speculation-Rules': `"/rules.json", "${from('header-speculation-url', '/rules.json')}"`,
    'Content-Security-Policy': [
      `object-src 'none'; report-uri ${from('header-report-uri', '/csp')}`,
      "object-src 'none'; report-to endpoint",
      "object-src 'none'; report-to group",
    ],
    'Content-Security-Policy-Report-Only': `object-src 'none'; report-uri ${from('header-report-only', '/csp')}`,
    'Reporting-Endpoints': `endpoint="${from('header-reporting-endpoints', '/reports')}"`,
    'Report-To': ['group:header-report-to', 'network:header-nel'].map((pair) => {
      const [group, name] = pair.split(':');
      return JSON.stringify({ group, max_age: 86400, endpoints: [{ url: from(name, '/reports') }] });
    }),
    NEL: '{"report_to":"network","max_age":86400,"success_fraction":1,"failure_fraction":1}',
    'Expect-CT': `max-age=86400, report-uri="${from('header-expect-ct', '/ct')}"`,
    SourceMap: from('header-source-map', '/a.map'),
    'Alt-Svc': `h2="${hostOf('header-alt-svc')}:443"; ma=86400`,
  },
  // A page as strict as they come: a script needs the nonce, and a name a policy.
  strict: {
    'Content-Security-Policy': "default-src 'none'; script-src 'nonce-tide' 'strict-dynamic'; style-src 'nonce-tide';"
      + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self';"
      + " require-trusted-types-for 'script'; trusted-types gazette",
  },
};

const hints = {
  hinted: [
    `<${from('early-preload', '/a.css')}>; rel=preload; as=style`,
    `<${from('early-preconnect')}>; rel=preconnect`,
    `<${from('early-modulepreload', '/a.js')}>; rel=modulepreload`,
  ],
};

// startSite returns the port a gateway forwards to, and the port where the
// site answers browsers without one.
export async function startSite(farm) {
  const answering = (request, response) => answer(farm, request, response);
  const behind = http.createServer(answering);
  const bare = http2.createSecureServer({ ...farm.certificate, allowHTTP1: true }, answering);
  const sessions = new Set();
  bare.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return {
    port: await listening(behind),
    barePort: await listening(bare),
    stop: () => {
      for (const session of sessions) session.destroy();
      return Promise.all([closed(behind), closed(bare)]);
    },
  };
}

async function answer(farm, request, response) {
  request.resume();
  const { pathname, search } = new URL(request.url, 'https://localhost');
  if (pathname === '/go') return response.writeHead(302, { Location: search.slice('?to='.length) }).end();
  if (pathname === '/own.png') return response.writeHead(200, { 'Content-Type': 'image/gif' }).end(dot);
  if (pathname === '/rules.json') return rules(response);

  const name = pathname.slice(1) || 'services';
  const file = name.includes('.') ? name : `${name}.html`;
  const text = file === 'services.html' ? services : files.get(file);
  if (text === undefined) return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not here');

  if (hints[name]) await hint(farm, response, name);
  const fields = { 'Content-Type': types[file.split('.')[1]], 'Cache-Control': 'no-cache', ...headers[name] };
  for (const [field, value] of Object.entries(fields)) if (value) response.setHeader(field, value);
  const body = encodings[name]?.(text) ?? Buffer.from(text);
  if (name !== 'spellings') return response.end(body);
  // A network may cut a page anywhere: this one comes in pieces of eleven bytes.
  for (let at = 0; at < body.length; at += 11) {
    response.write(body.subarray(at, at + 11));
    await new Promise(setImmediate);
  }
  response.end();
}

// hint sends early hints, and lets the page wait until a browser has followed
// them. Chromium loses those that arrive before it has noted that its request
// is sent, as happens on a busy machine: they are sent again.
async function hint(farm, response, name) {
  const wanted = ways.filter(({ file }) => file === `${name}.html`);
  for (let sent = 0; sent < 5; sent += 1) {
    response.writeEarlyHints({ link: hints[name] });
    await pause(600);
    const contacted = farm.contacted();
    if (wanted.every(({ host }) => contacted.includes(host))) return;
  }
}

function rules(response) {
  response.writeHead(200, { 'Content-Type': 'application/speculationrules+json' });
  response.end(JSON.stringify({
    prefetch: [{ source: 'list', urls: [from('header-speculation-rules', '/a.html')], eagerness: 'immediate' }],
  }));
}
