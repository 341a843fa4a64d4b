// What the guard does in a real browser, beside cookies: storage, what scripts
// load, what other tags are told, and pages that come back as they were left.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { repository, startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

let visitor;
let outside; // what was asked of others, who all answer
beforeEach(async () => {
  visitor = await newVisitor(browser, gateway.origin);
  outside = [];
  await visitor.context.route(({ hostname }) => hostname !== 'localhost', (route) => {
    outside.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: '' });
  });
  await visitor.open('/contact');
});
afterEach(() => visitor.close());

it('the scripts that are sent are made from those to be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scripts-'));
  const made = join(folder, 'made.js');
  try {
    for (const name of ['guard', 'panel', 'link', 'entries']) {
      const source = join(repository, 'internal/ui', name);
      await promisify(execFile)('npm', ['run', 'minify', '--', `${source}.js`, '--output', made], { cwd: join(repository, 'tests/browser') });
      assert.equal(await readFile(`${source}.min.js`, 'utf8'), await readFile(made, 'utf8'),
        `${name}.js was changed: run go generate ./internal/ui`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

// lasting is what is stored for good, as the browser sees it and not the page.
async function lasting() {
  const { origins } = await visitor.context.storageState();
  return Object.fromEntries(origins.flatMap(({ localStorage }) => localStorage.map(({ name, value }) => [name, value])));
}

const ask = (question) => visitor.page.evaluate(question);

// store writes in every way there is.
const store = () => ask(() => {
  localStorage.setItem('_uetmsdns', '1');
  localStorage['OB-USER-TOKEN'] = '1';
  localStorage['yt-remote-device-id'] = '1';
  Object.assign(localStorage, { _fbp: '1', theme: 'dark' });
  Storage.prototype.setItem.call(localStorage, 'basket', '3');
  Reflect.set(localStorage, 'ttclid', '1');
  Reflect.defineProperty(localStorage, '_pubcid_exp', { value: '1', configurable: true });
  localStorage.setItem('mage-cache-storage', '{}');
  sessionStorage.setItem('_ga', '1');
  sessionStorage.setItem('step', '2');
});

describe('storage', () => {
  it('before a choice: nothing that needs consent, and nothing unknown for good', async () => {
    await store();
    assert.deepEqual(await lasting(), { 'mage-cache-storage': '{}' });
    assert.deepEqual(await ask(() => Object.keys(sessionStorage).sort()), ['say-basket', 'say-theme', 'step']);
    await visitor.open('/articles/phare');
    assert.deepEqual(await ask(() => [localStorage.theme, localStorage.getItem('basket'), localStorage.getItem('_uetmsdns')]),
      ['dark', '3', null]);
  });

  it('is for the page what it is without the gateway', async () => {
    const questions = () => {
      localStorage.clear();
      localStorage.setItem('a', 1);
      localStorage.b = null;
      localStorage[3] = { toString: () => 'three' };
      const keys = Object.keys(localStorage); // in any order, but always in the same
      const seen = [localStorage.length, localStorage.key(9), keys.every((name, n) => localStorage.key(n) === name), keys.sort()];
      for (const name in localStorage) if (Object.hasOwn(localStorage, name)) seen.push(name, localStorage[name]);
      seen.splice(4, Infinity, ...seen.slice(4).sort());
      seen.push('a' in localStorage, 'z' in localStorage, 'getItem' in localStorage, localStorage.z, localStorage.getItem('z'));
      seen.push(delete localStorage.a, delete localStorage.z, localStorage.removeItem('b'), Object.entries(localStorage));
      seen.push(localStorage instanceof Storage, String(localStorage), typeof localStorage.getItem, Symbol.iterator in localStorage);
      seen.push(JSON.stringify(localStorage), `${Object.getOwnPropertyDescriptor(localStorage, '3').enumerable}`);
      localStorage.clear();
      return JSON.stringify([...seen, localStorage.length]);
    };
    const guarded = await ask(questions);
    await visitor.page.goto(`${gateway.origin}/style.css`);
    assert.equal(guarded, await ask(questions));
  });

  it('ends with the session: another tab does not have it', async () => {
    await store();
    const page = await visitor.context.newPage();
    await page.goto(gateway.origin);
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), ['mage-cache-storage']);
  });

  it('accepted, all lasts, what the session had among it; withdrawn, it is gone with the next page', async () => {
    await store();
    await visitor.accept();
    assert.equal((await lasting()).theme, 'dark');
    await store();
    assert.equal(Object.keys(await lasting()).filter((name) => name !== '_hjUserAttributesHash').length, 9);
    await visitor.withdraw();
    await visitor.open('/articles/phare');
    assert.deepEqual(await lasting(), { 'mage-cache-storage': '{}' });
    assert.deepEqual(await ask(() => [localStorage.theme, localStorage.getItem('ttclid'), sessionStorage.getItem('_ga')]),
      ['dark', null, null]);
  });

  it('tells other tabs, in words they know', async () => {
    const page = await visitor.context.newPage();
    await page.goto(`${gateway.origin}/contact`);
    await page.evaluate(() => {
      window.told = new Promise((resolve) => {
        addEventListener('storage', (event) => resolve([event.key, event.newValue, event.storageArea === localStorage]));
      });
    });
    await ask(() => localStorage.setItem('mage-cache-storage', 'new'));
    assert.deepEqual(await page.evaluate(() => window.told), ['mage-cache-storage', 'new', true]);
  });

  const open = (name) => visitor.page.evaluate((name) => new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => { request.result.close(); resolve('opened'); };
    request.onerror = () => resolve('failed');
  }).catch((error) => error.name), name);
  const databases = () => ask(() => indexedDB.databases().then((all) => all.map(({ name }) => name).sort()));

  it('has no refused database', async () => {
    assert.equal(await open('ONE_SIGNAL_SDK_DB'), 'SecurityError');
    assert.equal(await open('drafts'), 'opened');
    await visitor.accept();
    assert.equal(await open('ONE_SIGNAL_SDK_DB'), 'opened');
    assert.deepEqual(await databases(), ['ONE_SIGNAL_SDK_DB', 'drafts']);
    await visitor.withdraw();
    await visitor.open('/contact');
    await visitor.page.waitForFunction(async () => (await indexedDB.databases()).length === 1);
    assert.deepEqual(await databases(), ['drafts']);
  });

  it('is left alone in a document that has none', async () => {
    const name = await ask(() => new Promise((resolve) => {
      addEventListener('message', (event) => resolve(event.data));
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = '<script>try { localStorage } catch (e) { parent.postMessage(e.name, "*") }</' + 'script>';
      document.body.append(frame);
    }));
    assert.equal(name, 'SecurityError');
  });
});

// load makes a script, an image and a frame for an address in every way that
// the guard watches, and waits until what is loaded has been.
const load = (address) => visitor.page.evaluate(async (address) => {
  const nodes = ['script', 'img', 'iframe'].flatMap((tag) => ['property', 'attribute', 'capitals'].map((way) => {
    const node = document.createElement(tag);
    if (way === 'property') node.src = address;
    else node.setAttribute(way === 'capitals' ? 'SRC' : 'src', address);
    return node;
  }));
  nodes.push(Object.assign(new Image(), { src: address }));
  document.body.append(...nodes);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return nodes.map((node) => node.getAttribute('src'));
}, address);

describe('what scripts load', () => {
  it('from others is not asked for before a choice; a frame shows our page', async () => {
    const sources = await load('https://widget.example/x');
    assert.deepEqual([...new Set(sources)], [null, `${gateway.origin}/.privacy/held?host=widget.example`]);
    assert.deepEqual(outside.filter((address) => address.includes('widget.example')), []);
  });

  it('from others by the snippets of the page is not asked for, but after accepting', async () => {
    const loaders = ['connect.facebook.net', 'static.hotjar.com', 'matomo.courrier-estran.example'];
    const asked = () => loaders.filter((host) => outside.some((address) => new URL(address).host === host));
    assert.deepEqual(asked(), []);
    await visitor.accept();
    assert.deepEqual(asked(), loaders);
  });

  it('is never asked of others for our page, whatever the base of the page', async () => {
    const address = await ask(() => {
      const [base, frame] = ['base', 'iframe'].map((name) => document.createElement(name));
      base.href = 'https://base.example/';
      document.head.prepend(base);
      frame.src = 'https://widget.example/x';
      return frame.src;
    });
    assert.equal(address, `${gateway.origin}/.privacy/held?host=widget.example`);
  });

  it('from the site itself is loaded', async () => {
    await ask(() => new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.onload = resolve;
      script.onerror = reject;
      script.src = '/app.js?again';
      document.head.append(script);
    }));
    const sources = await load('data:,');
    assert.deepEqual([...new Set(sources)], ['data:,']);
  });

  it('is loaded once all is accepted, and accepting reloads since it was held', async () => {
    await load('https://widget.example/x');
    await visitor.accept();
    outside.length = 0;
    const sources = await load('https://widget.example/x');
    assert.deepEqual([...new Set(sources)], ['https://widget.example/x']);
    assert.ok(outside.some((address) => address === 'https://widget.example/x'));
  });
});

const told = () => ask(() => JSON.parse(JSON.stringify(window.dataLayer.map((entry) => (
  Object.prototype.toString.call(entry) === '[object Arguments]' ? [...entry] : entry)))));

const google = (granted) => {
  const word = (yes) => (yes ? 'granted' : 'denied');
  const { functional, statistics, marketing } = granted;
  return {
    ad_personalization: word(marketing), ad_storage: word(marketing), ad_user_data: word(marketing),
    analytics_storage: word(statistics),
    functionality_storage: word(functional), personalization_storage: word(functional),
    security_storage: 'granted',
  };
};

describe('other tags are told', () => {
  it('before any of them runs: nothing is granted', async () => {
    const [consent, redaction] = await told();
    assert.deepEqual(consent, ['consent', 'default', google({})]);
    assert.deepEqual(redaction, ['set', { ads_data_redaction: true }]);
    assert.deepEqual(await ask(() => window.uetq.slice(0, 3)), ['consent', 'default', { ad_storage: 'denied' }]);
    assert.deepEqual(await ask(() => [...window.clarity.q[0]]), ['consentv2', { ad_Storage: 'denied', analytics_Storage: 'denied' }]);
    assert.deepEqual(await ask(() => [wp_consent_type, wp_has_consent('marketing'), wp_has_consent('functional')]), ['optin', false, true]);
  });

  it('of a refusal, where it is made', async () => {
    await ask(() => {
      window.heard = [];
      document.addEventListener('wp_listen_for_consent_change', (event) => window.heard.push(event.detail));
    });
    await visitor.refuse();
    const all = await told();
    assert.deepEqual(all.slice(-3), [
      ['consent', 'update', google({})],
      ['set', { ads_data_redaction: true }],
      { event: 'consent_update', categories: ['necessary'], method: 'refuse' },
    ]);
    assert.deepEqual(await ask(() => window.heard), [{
      functional: 'allow', preferences: 'deny', 'statistics-anonymous': 'deny', statistics: 'deny', marketing: 'deny',
    }]);
  });

  it('of the stored choice, on every later page', async () => {
    await visitor.prefer('statistics');
    await visitor.open('/articles/phare');
    assert.deepEqual((await told())[0], ['consent', 'default', google({ statistics: true })]);
    assert.equal(await ask(() => wp_has_consent('statistics') && !wp_has_consent('preferences')), true);
    await visitor.prefer('functional', 'statistics', 'marketing');
    await visitor.open('/articles/phare');
    const [consent, redaction] = await told();
    assert.deepEqual(consent, ['consent', 'default', google({ functional: true, statistics: true, marketing: true })]);
    assert.deepEqual(redaction, ['set', { ads_data_redaction: false }]);
  });
});

// Playwright turns the cache of whole pages off, so that this needs a browser of
// its own.
describe('a page that comes back as it was left', () => {
  let remembering;
  let reader;
  before(async () => {
    remembering = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'],
    });
  });
  after(() => remembering?.close());
  beforeEach(async () => {
    reader = await newVisitor(remembering, gateway.origin);
    await reader.context.addInitScript(() => {
      addEventListener('pageshow', (event) => { window.cameBack = event.persisted; });
    });
    await reader.open('/contact');
    await reader.page.evaluate(() => { window.mark = 'as it was'; });
    await reader.page.evaluate(() => { location.href = '/articles/phare'; });
    await reader.page.waitForURL('**/articles/phare');
    await reader.settle();
  });
  afterEach(() => reader.close());

  const back = async () => {
    await reader.page.evaluate(() => { history.back(); });
    await reader.page.waitForURL('**/contact', { waitUntil: 'commit' });
  };

  it('stays so while the choice is the same', async () => {
    await back();
    assert.deepEqual(await reader.page.evaluate(() => [window.mark, window.cameBack]), ['as it was', true]);
  });

  it('is loaded anew when the choice is another', async () => {
    await reader.refuse();
    await back();
    await reader.page.waitForFunction(() => window.mark === undefined && window.cameBack === false);
    assert.equal(await reader.banner.isVisible(), false);
  });
});
