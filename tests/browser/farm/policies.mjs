// Policies that sites have, and a page that takes what it can from public
// networks: what Chromium loads of it without the gateway says how each is read.
import http from 'node:http';
import https from 'node:https';
import { closed, listening } from '../farm.mjs';
import { libraryDigest } from './services.mjs';

const cdn = 'https://cdn.jsdelivr.net';
const folder = `${cdn}/npm/tides@1.0.0/dist`;
const google = 'style-src https://fonts.googleapis.com';

const nothing = "default-src 'none'; form-action 'none'";

// Each is what one answer says: a header field, several, or several in one.
export const policies = [
  'img-src *',
  nothing,
  `script-src ${cdn}`,
  `script-src 'self' ${cdn}`,
  "script-src 'self'",
  "script-src 'none'",
  `script-src 'self' ${cdn} 'nonce-tide'`,
  "script-src 'nonce-tide'",
  "script-src 'self' 'nonce-TIDE'",
  "script-src 'nonce-tide' 'strict-dynamic'",
  `script-src 'self' ${cdn} 'strict-dynamic'`,
  `script-src '${libraryDigest}'`,
  `script-src 'self' '${libraryDigest.replace('sha384', 'SHA384')}'`,
  `script-src 'self' '${libraryDigest.replaceAll('+', '-').replaceAll('/', '_').replace('sha384_', 'sha384-')}'`,
  `script-src ${folder}/`,
  `script-src ${folder}`,
  `script-src ${folder}/tides.min.js`,
  `script-src ${folder}/tides.min.js/`,
  `script-src 'self' ${cdn}/npm/Tides@1.0.0/`,
  `script-src ${cdn}/npm/%74ides%401.0.0/`,
  `script-src ${cdn}/npm%2ftides@1.0.0/`,
  `script-src ${folder}/tides.min.js?v=1`,
  `script-src ${folder}/?v=1#x`,
  'script-src cdn.jsdelivr.net',
  'script-src CDN.jsDelivr.net/',
  'script-src *.jsdelivr.net',
  'script-src *.cdn.jsdelivr.net',
  'script-src *jsdelivr.net',
  "script-src 'self' jsdelivr.net",
  'script-src cdn.jsdelivr.net.',
  'script-src http://cdn.jsdelivr.net',
  'script-src https://cdn.jsdelivr.net:443',
  'script-src cdn.jsdelivr.net:*',
  'script-src http://cdn.jsdelivr.net:80',
  'script-src cdn.jsdelivr.net:80',
  'script-src cdn.jsdelivr.net:8443',
  'script-src cdn.jsdelivr.net:',
  'script-src //cdn.jsdelivr.net',
  'script-src *', 'script-src https:', 'script-src http:', 'script-src HTTPS:', 'script-src https', 'script-src wss:',
  'script-src https://*', 'script-src *:*', 'script-src *.net',
  `default-src ${cdn}`,
  "default-src 'self'",
  `default-src 'self' ${cdn}; script-src 'self'`,
  `default-src 'self'; script-src ${cdn}; style-src ${cdn}; font-src ${cdn}; img-src ${cdn}`,
  `script-src 'none'; script-src-elem ${cdn}`,
  `script-src ${cdn}; script-src-elem 'self'`,
  `script-src 'self'; script-src ${cdn}`,
  `SCRIPT-SRC\t${cdn};;`,
  `script-src ${cdn}/\u00e9; default-src ${cdn}`,
  `script-src 'none' ${cdn}`,
  `style-src ${cdn}`,
  "style-src 'self'",
  `style-src 'nonce-tide'; font-src ${cdn}`,
  "style-src 'nonce-tide'; font-src 'none'",
  `style-src-elem ${cdn}; style-src 'none'`,
  `style-src 'unsafe-inline'; font-src ${folder}/tides.woff2`,
  `${google} 'unsafe-inline'; font-src https://fonts.gstatic.com`,
  `${google}/css2?family=Open+Sans; font-src https://fonts.gstatic.com/s/`,
  `${google}/css`,
  'style-src *.googleapis.com; font-src *.gstatic.com',
  `img-src ${cdn}`,
  "img-src 'self'",
  `img-src 'self' ${folder}/dune.svg`,
  `img-src ${folder}/other.svg`,
  `script-src ${cdn}, style-src ${cdn}; img-src 'self'`,
  [`script-src ${cdn}`, "script-src 'self'"],
  [`script-src ${cdn}`, `default-src ${folder}/`],
  `sandbox allow-scripts; script-src ${cdn}`,
  `upgrade-insecure-requests; script-src ${cdn}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
];

// One under which nothing works that is not allowed by name.
export const strictest = policies.indexOf(nothing);

// What the page takes, by the id that tells it.
export const taken = ['script', 'nonced', 'digested', 'module', 'sheet', 'nonced-sheet', 'google', 'image', 'set', 'Tides', 'Open Sans', 'Inline'];

const page = (meta) => `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
${meta.map((policy) => `<meta http-equiv="Content-Security-Policy" content="${policy}">`).join('\n')}
<title>Policies</title>
<link id="sheet" rel="stylesheet" href="${folder}/tides.css">
<link id="nonced-sheet" nonce="tide" rel="stylesheet" href="${folder}/tides.css?v=2">
<link id="google" rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Open+Sans">
<style nonce="tide">@font-face { font-family: Inline; src: url(${folder}/tides.woff2) }</style>
<script id="script" src="${folder}/tides.min.js"></script>
<script id="nonced" nonce="tide" src="${folder}/tides.min.js?v=3"></script>
<script id="digested" src="${folder}/tides.min.js?v=4" integrity="${libraryDigest}" crossorigin="anonymous"></script>
<script id="module" type="module" src="${folder}/tides.min.js?v=5"></script>
<img id="image" src="${folder}/dune.svg" alt="">
<img id="set" srcset="${folder}/dune.svg 1x, ${folder}/dune.svg?v=2 2x" alt="">
`;

// startPolicies is a site of pages under these policies: /header/N and /meta/N,
// and /report/N, which only reports. See startSite.
export async function startPolicies({ certificate }) {
  const behind = http.createServer(answer);
  const bare = https.createServer(certificate, answer);
  return {
    port: await listening(behind),
    barePort: await listening(bare),
    stop: () => Promise.all([closed(behind), closed(bare)]),
  };
}

const fields = { header: 'Content-Security-Policy', report: 'Content-Security-Policy-Report-Only' };

function answer(request, response) {
  const [, way, number] = request.url.split('/');
  const lines = [policies[number] ?? []].flat();
  if (fields[way]) response.setHeader(fields[way], lines);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(page(way === 'meta' ? lines : []));
}
