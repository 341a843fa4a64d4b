// What the farm answers in the place of the services, and what shows that each
// of them works. The scripts do what the real ones do, and no more: they load,
// remember and send.
import { createHash } from 'node:crypto';
import { font } from './font.mjs';

const helpers = `
const keep = (name, value, days) => {
  document.cookie = name + '=' + value + '; path=/; max-age=' + days * 86400 + '; SameSite=Lax';
};
const load = (src) => document.head.append(Object.assign(document.createElement('script'), { src, async: true }));
const pixel = (src) => { new Image().src = src; };
const embed = (place, src) => {
  const frame = Object.assign(document.createElement('iframe'), { src, width: 300, height: 200 });
  place.replaceWith(frame);
};
`;
const script = (body) => ({ type: 'text/javascript', body: `(() => {${helpers}${body}})();` });
const frame = (title, more = '') => ({
  type: 'text/html; charset=utf-8',
  body: `<!DOCTYPE html><title>${title}</title><h1>${title}</h1>${more}`,
});

// The library is answered to the letter: its snippet names its digest.
const library = 'window.tides = { high: () => "12:04" };\n';
export const libraryDigest = `sha384-${createHash('sha384').update(library).digest('base64')}`;
const dune = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

const answers = {
  'www.googletagmanager.com/gtag/js': script(`
    keep('_ga', 'GA1.1.1000000000.1700000000', 730);
    keep('_ga_TIDE000000', 'GS2.1.s1700000000', 730);
    navigator.sendBeacon('https://www.google-analytics.com/g/collect?v=2&tid=G-TIDE000000&en=page_view');`),
  'www.googletagmanager.com/gtm.js': script(`
    load('https://www.googleadservices.com/pagead/conversion_async.js');`),
  'www.googletagmanager.com/ns.html': frame('Tags'),
  'www.googleadservices.com/pagead/conversion_async.js': script(`
    keep('_gcl_au', '1.1.1000000000.1700000000', 90);
    pixel('https://googleads.g.doubleclick.net/pagead/viewthroughconversion/1/');`),
  'connect.facebook.net/en_US/fbevents.js': script(`
    keep('_fbp', 'fb.1.1700000000000.1000000000', 90);
    localStorage.setItem('lastExternalReferrer', 'empty');
    for (const [call, id] of window.fbq.queue) {
      if (call === 'track') pixel('https://www.facebook.com/tr/?id=1000000000&ev=' + id);
    }`),
  'cdn.matomo.cloud/gazette.matomo.cloud/matomo.js': script(`
    keep('_pk_id.1.abcd', '0123456789abcdef.1700000000', 393);
    keep('_pk_ses.1.abcd', '1', 1);
    const address = window._paq.find(([call]) => call === 'setTrackerUrl')[1];
    fetch(address, { method: 'POST', mode: 'no-cors', body: 'action_name=Tides&idsite=1&rec=1' });`),
  'static.hotjar.com/c/hotjar-1000000.js': script(`
    load('https://script.hotjar.com/modules.0.js');`),
  'script.hotjar.com/modules.0.js': script(`
    keep('_hjSessionUser_1000000', 'e30', 365);
    keep('_hjSession_1000000', 'e30', 1);
    localStorage.setItem('_hjUserAttributesHash', '0');
    sessionStorage.setItem('_hjViewportId', '0');
    new WebSocket('wss://ws.hotjar.com/api/v2/client/ws');`),
  'snap.licdn.com/li.lms-analytics/insight.min.js': script(`
    keep('li_fat_id', '00000000-0000', 30);
    for (const id of window._linkedin_data_partner_ids) pixel('https://px.ads.linkedin.com/collect?v=2&fmt=js&pid=' + id);`),
  'analytics.tiktok.com/i18n/pixel/events.js': script(`
    keep('_ttp', '0123456789', 390);
    sessionStorage.setItem('tt_sessionId', '0');
    fetch('https://analytics.tiktok.com/api/v2/pixel', { method: 'POST', mode: 'no-cors', body: '{}' });`),
  'www.clarity.ms/tag/tide000000': script(`
    load('https://scripts.clarity.ms/0.8/clarity.js');`),
  'scripts.clarity.ms/0.8/clarity.js': script(`
    keep('_clck', '0123', 365);
    keep('_clsk', '0123', 1);
    const request = new XMLHttpRequest();
    request.open('POST', 'https://c.clarity.ms/collect');
    request.send('{}');`),
  'bat.bing.com/bat.js': script(`
    window.UET = function UET(options) { this.push = () => pixel('https://bat.bing.com/action/0?ti=' + options.ti); };
    keep('_uetsid', '0123', 1);
    keep('_uetvid', '0123', 390);
    localStorage.setItem('_uetvid', '0123');`),
  'cdn.onesignal.com/sdks/web/v16/OneSignalSDK.page.js': script(`
    localStorage.setItem('onesignal-pageview-count', '1');
    indexedDB.open('ONE_SIGNAL_SDK_DB', 1);`),
  'fonts.googleapis.com/css2': {
    type: 'text/css',
    body: "@font-face { font-family: 'Open Sans'; src: url(https://fonts.gstatic.com/s/opensans/v40/tide.woff2) format('woff2') }",
  },
  'fonts.gstatic.com/s/opensans/v40/tide.woff2': { type: 'font/woff2', body: font },
  'cdn.jsdelivr.net/npm/tides@1.0.0/dist/tides.min.js': { type: 'text/javascript', body: library },
  'cdn.jsdelivr.net/npm/tides@1.0.0/dist/tides.css': {
    type: 'text/css', body: "@font-face { font-family: Tides; src: url(tides.woff2) format('woff2') }",
  },
  'cdn.jsdelivr.net/npm/tides@1.0.0/dist/tides.woff2': { type: 'font/woff2', body: font },
  'cdn.jsdelivr.net/npm/tides@1.0.0/dist/dune.svg': { type: 'image/svg+xml', body: dune },
  'www.youtube.com/embed/': frame('A film of the tide', `
    <script>localStorage.setItem('yt-remote-device-id', '0');</script>
    <img src="https://i.ytimg.com/vi/M7lc1UVf-VE/hqdefault.jpg" alt="">`),
  'www.youtube-nocookie.com/embed/': frame('A film of the tide'),
  'player.vimeo.com/video/': frame('A film of the dunes'),
  'player.vimeo.com/api/player.js': script('window.Vimeo = { Player: class {} };'),
  'geo.dailymotion.com/player.html': frame('A film of the port'),
  'www.google.com/maps/embed': frame('A map of the coast', '<script src="https://maps.googleapis.com/maps/api/js"></script>'),
  'platform.twitter.com/widgets.js': script(`
    for (const post of document.querySelectorAll('blockquote.twitter-tweet')) embed(post, 'https://platform.twitter.com/embed/Tweet.html');`),
  'platform.twitter.com/embed/Tweet.html': frame('A post about the wind'),
  'www.instagram.com/embed.js': script(`
    for (const post of document.querySelectorAll('blockquote.instagram-media')) embed(post, post.dataset.instgrmPermalink + 'embed/');`),
  'www.instagram.com/p/': frame('A picture of the light'),
};

// Any other address gets what the element that asks for it can use.
const fitting = {
  script: { type: 'text/javascript', body: 'export {};' },
  style: { type: 'text/css', body: '' },
  image: { type: 'image/svg+xml', body: dune },
  track: { type: 'text/vtt', body: 'WEBVTT\n' },
  empty: { type: 'application/json', body: '{}' },
};

// answerOf finds the answer by the longest address that fits.
export function answerOf(url, headers) {
  const address = url.host + url.pathname;
  if (answers[address]) return answers[address];
  const beginning = Object.keys(answers).filter((known) => known.endsWith('/') && address.startsWith(known))[0];
  if (beginning) return answers[beginning];
  const asked = headers['sec-fetch-dest'] ?? 'empty';
  return fitting[asked] ?? (asked.endsWith('worker') || asked.endsWith('worklet') ? fitting.script : frame('A third party'));
}

// services are those of the snippets: what they call when they work, with
// scripts (calls) and without (plainCalls), what they leave behind, and what
// they show. Libraries and fonts are ready from whatever address.
export const services = {
  'google-analytics': { calls: ['www.google-analytics.com/g/collect'], cookies: ['_ga', '_ga_TIDE000000'] },
  'google-tag-manager': {
    calls: ['googleads.g.doubleclick.net/pagead/'], plainCalls: ['www.googletagmanager.com/ns.html'], cookies: ['_gcl_au'],
  },
  'meta-pixel': {
    calls: ['www.facebook.com/tr/'], plainCalls: ['www.facebook.com/tr?'], cookies: ['_fbp'], storage: ['lastExternalReferrer'],
  },
  'matomo-cloud': {
    calls: ['gazette.matomo.cloud/matomo.php'], plainCalls: ['gazette.matomo.cloud/matomo.php'],
    cookies: ['_pk_id.1.abcd', '_pk_ses.1.abcd'],
  },
  hotjar: {
    calls: ['ws.hotjar.com/api/'], cookies: ['_hjSessionUser_1000000', '_hjSession_1000000'],
    storage: ['_hjUserAttributesHash', '_hjViewportId'],
  },
  'linkedin-insight': {
    calls: ['px.ads.linkedin.com/collect?'], plainCalls: ['px.ads.linkedin.com/collect/'], cookies: ['li_fat_id'],
  },
  'tiktok-pixel': { calls: ['analytics.tiktok.com/api/'], cookies: ['_ttp'], storage: ['tt_sessionId'] },
  'microsoft-clarity': { calls: ['c.clarity.ms/collect'], cookies: ['_clck', '_clsk'] },
  'microsoft-uet': { calls: ['bat.bing.com/action/0?ti=1000000'], cookies: ['_uetsid', '_uetvid'], storage: ['_uetvid'] },
  onesignal: { calls: ['cdn.onesignal.com/sdks/'], storage: ['onesignal-pageview-count', 'ONE_SIGNAL_SDK_DB'] },
  'google-fonts': {
    ready: () => [...document.fonts].some(({ family, status }) => family.includes('Open Sans') && status === 'loaded'),
  },
  jsdelivr: { ready: () => window.tides?.high() === '12:04' },
  youtube: {
    calls: ['www.youtube.com/embed/', 'i.ytimg.com/vi/'], plainCalls: ['www.youtube.com/embed/', 'i.ytimg.com/vi/'],
    shows: 'A film of the tide',
  },
  vimeo: {
    calls: ['player.vimeo.com/video/', 'player.vimeo.com/api/player.js'], plainCalls: ['player.vimeo.com/video/'],
    shows: 'A film of the dunes',
  },
  dailymotion: {
    calls: ['geo.dailymotion.com/player.html'], plainCalls: ['geo.dailymotion.com/player.html'],
    shows: 'A film of the port',
  },
  'google-maps': {
    calls: ['www.google.com/maps/embed', 'maps.googleapis.com/maps/api/js'], plainCalls: ['www.google.com/maps/embed'],
    shows: 'A map of the coast',
  },
  'x-embed': { calls: ['platform.twitter.com/embed/'], shows: 'A post about the wind' },
  instagram: { calls: ['www.instagram.com/p/'], shows: 'A picture of the light' },
};
