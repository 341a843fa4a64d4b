// A site that measures its audience itself: Matomo and Piano Analytics on its own address, where nothing
// is a third party, with the snippets both document and the lines owners add to them.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { closed, listening } from '../farm.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url));

// matomo is the tag of Matomo's documentation, with more commands before its own.
const matomo = (...more) => `<!-- Matomo -->
<script>
  var _paq = window._paq = window._paq || [];
  /* tracker methods like "setCustomDimension" should be called before "trackPageView" */
  ${more.map((command) => `_paq.push(${JSON.stringify(command)});`).join('\n  ')}
  _paq.push(['trackPageView']);
  _paq.push(['enableLinkTracking']);
  (function() {
    var u="/matomo/";
    _paq.push(['setTrackerUrl', u+'matomo.php']);
    _paq.push(['setSiteId', '1']);
    var d=document, g=d.createElement('script'), s=d.getElementsByTagName('script')[0];
    g.async=true; g.src=u+'matomo.js'; s.parentNode.insertBefore(g,s);
  })();
</script>
<!-- End Matomo Code -->`;

// piano is the one script of Piano's documentation, after what a site sets first.
const piano = (first = '', more = { consentDefaultMode: 'opt-in' }) => `<script>
  ${first}
  window._paq = window._paq || [];
  _paq.push(['sendEvent', 'page.display', { page: 'home' }]);
  (function (_config) {
    var script = document.createElement("script");
    script.src = "/piano/piano-analytics.js";
    script.async = true;
    script.crossorigin = "anonymous";
    script.dataset.config = JSON.stringify(_config);
    document.head.appendChild(script);
  })(${JSON.stringify({ site: 123456789, collectDomain: '/piano', ...more })});
</script>`;

const heads = {
  '/matomo': matomo(),
  '/matomo/consent': matomo(['requireConsent']),
  '/matomo/cookie-consent': matomo(['requireCookieConsent']),
  // The second tracker is for another team.
  '/matomo/two': matomo(['addTracker', '/matomo/matomo.php', '2']),
  '/matomo/late': `<script>
  document.addEventListener('wp_listen_for_consent_change', () => {
    const script = document.createElement('script');
    script.textContent = document.getElementById('later').text;
    document.head.append(script);
  });
</script><script type="text/template" id="later">${matomo(['requireConsent']).replace(/<[^>]+>/g, '')}</script>`,
  // As a container of Matomo's tag manager does it, without the queue.
  '/matomo/container': `<script src="/matomo/matomo.js"></script>
<script>Matomo.addTracker('/matomo/matomo.php', '3').trackPageView();</script>`,
  '/piano': piano(),
  '/piano/first': piano("window.pdl = window.pdl || {}; pdl.requireConsent = 'v2'; pdl.consent = { products: ['PA'] };", {}),
  '/piano/exempt': piano("window.pdl = window.pdl || {}; pdl.requireConsent = 'v2';"
    + " pdl.consent = { products: ['PA'], defaultPreset: { PA: 'essential' } };", {}),
};

const scripts = {
  '/matomo/matomo.js': read('matomo.js'),
  '/piano/piano-analytics.js': read('piano-analytics.js'),
};

// startSite returns its port, what was measured there since it was last forgotten, and stop(). What is
// measured are the parameters of each request.
export async function startSite() {
  const measured = [];
  const server = http.createServer((request, response) => {
    request.resume();
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/matomo/matomo.php' || pathname === '/piano/event') {
      measured.push(Object.fromEntries(searchParams));
      response.writeHead(204).end();
    } else if (scripts[pathname]) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(scripts[pathname]);
    } else {
      response.writeHead(heads[pathname] || pathname === '/' ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(`<!DOCTYPE html><html lang="fr"><head><title>Audience</title>${heads[pathname] ?? ''}</head><body><p>Ici</p></body></html>`);
    }
  });
  return { port: await listening(server), measured, stop: () => closed(server) };
}
