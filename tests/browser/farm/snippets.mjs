// The page that carries what publishers paste: the tags in the head, the
// embeds in the body, each in a section named for its service.
import { readFileSync } from 'node:fs';
import { libraryDigest } from './services.mjs';

const tags = [
  'google-fonts', 'google-tag-manager', 'google-analytics', 'meta-pixel', 'matomo-cloud', 'hotjar',
  'linkedin-insight', 'tiktok-pixel', 'microsoft-clarity', 'microsoft-uet', 'onesignal', 'jsdelivr',
];
const embeds = [
  'google-tag-manager-noscript', 'youtube', 'vimeo', 'dailymotion', 'google-maps', 'x-embed', 'instagram',
];

const pasted = (name) => readFileSync(new URL(`snippets/${name}.html`, import.meta.url), 'utf8')
  .replace('{{library-digest}}', libraryDigest);

export const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The page of a publisher</title>
${tags.map(pasted).join('')}</head>
<body style="font-family: 'Open Sans', sans-serif">
<h1>The page of a publisher</h1>
<p><img src="https://images.gazette.example/own.png" width="40" height="30" alt="The port"> High water at noon.</p>
${embeds.map((name) => `<section id="${name}">\n${pasted(name)}</section>\n`).join('')}</body>
</html>
`;
