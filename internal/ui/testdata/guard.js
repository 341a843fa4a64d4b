// Runs the guard, read from standard input as it is sent to browsers, against a document made of the
// few parts it touches, and compares what reaches the browser with what may.
'use strict';
const assert = require('node:assert');
const vm = require('node:vm');
const guard = require('node:fs').readFileSync(0, 'utf8');

const YEAR = 31536000;

// load runs the guard in a page of its own and returns that page. Written lists what passed. What is in
// its storages and databases from earlier is given, and changes.
function load(data, instrument, {local = {}, session = {}, bases = []} = {}) {
  const written = [], stored = [], asked = [];
  let now = Date.UTC(2026, 10, 23), removed = [];
  class Document {
    get cookie() { return written.join('; '); }
    set cookie(line) { written.push(line); }
    write(...markup) { asked.push(...markup); }
  }
  class CookieStore {
    set(name, value) { stored.push(typeof name === 'object' ? name : {name, value}); return Promise.resolve(); }
    delete(name) { stored.push({name, deleted: true}); return Promise.resolve(); }
  }
  // Entries are properties, as in browsers; those compare better when they are the given object's.
  class Storage {}
  const storage = (entries) => Object.setPrototypeOf(entries, Storage.prototype);
  class StorageEvent { get storageArea() { return this.area; } }
  class IDBFactory {
    open(name) { bases.push(name); return 'request'; }
    deleteDatabase(name) { bases.splice(bases.indexOf(name), 1); }
    databases() { return Promise.resolve(bases.map((name) => ({name}))); }
  }
  class Element {
    constructor(tagName) { this.tagName = tagName; }
    setAttribute(name, value) { asked.push(`${this.tagName} ${name}=${value}`); }
    set innerHTML(markup) { asked.push(markup); }
    set outerHTML(markup) { asked.push(markup); }
    insertAdjacentHTML(place, markup) { asked.push(markup); }
  }
  const element = () => class extends Element {
    get src() { return ''; }
    set src(value) { asked.push(`${this.tagName} ${value}`); }
    set type(value) { asked.push(`${this.tagName} type=${value}`); }
  };
  class linkElement extends Element {
    set href(value) { asked.push(`${this.tagName} ${value}`); }
  }
  const FakeDate = class extends Date { static now() { return now; } };
  const document = new Document();
  const script = {dataset: data, remove() { removed.push('script'); }};
  const root = {dataset: {}};
  Object.assign(document, {
    currentScript: script, documentElement: root,
    createElement: () => ({
      set href(value) {
        this.hostname = '';
        try { this.hostname = new URL(value, 'https://static.example.fr/a/').hostname; } catch {}
      },
    }),
  });
  const store = new CookieStore();
  const window = {
    document, Document, CookieStore, cookieStore: store, Date: FakeDate, Reflect, Object,
    Storage, StorageEvent, localStorage: storage(local), sessionStorage: storage(session),
    IDBFactory, indexedDB: new IDBFactory(), DOMException, Element,
    HTMLScriptElement: element(), HTMLIFrameElement: element(), HTMLImageElement: element(),
    HTMLLinkElement: linkElement,
    origin: 'https://www.example.fr',
  };
  window.self = window;
  if (instrument) instrument(window);
  vm.runInNewContext(guard, window);
  document.currentScript = null;
  return {
    window, document, root, store, written, stored, removed, asked, Document, CookieStore,
    write(line) { written.length = 0; document.cookie = line; return written[0]; },
    wait(seconds) { now += seconds * 1000; },
    now: () => now,
  };
}

const rules = (more) => Object.assign(
  {
    drop: '_ga _ga_* _fbp', keep: '_pk_* lang', other: 'session', left: '1000',
    hosts: 'example.fr cdn.example', signals: told('denied'),
  }, more);
const told = (word) => JSON.stringify({
  categories: ['necessary'], google: {ad_storage: word}, set: {redact: word === 'denied'}, uet: {ad_storage: word},
  clarity: {ad_Storage: word}, wp: {statistics: word === 'denied' ? 'deny' : 'allow'},
  pdl: {consent: word}, matomo: word,
});
// plain is a value of the page as one of ours, to compare.
const plain = (value) => JSON.parse(JSON.stringify(value));
const past = 'Thu, 01 Jan 1970 00:00:00 GMT', future = 'Fri, 23 Nov 2029 00:00:00 GMT';

const lines = [
  // what the page writes, what the browser is given
  ['_ga=1', undefined],
  ['_ga=1; max-age=' + YEAR, undefined],
  ['_ga_X7=1; path=/', undefined],
  ['_gat=1', '_gat=1'],
  ['=_ga=1; max-age=9', undefined],
  [' \t_fbp =1', undefined],
  ['_ga; max-age=9', undefined],
  ['_ga=; max-age=0; path=/; domain=example.fr', '_ga=; path=/; domain=example.fr;max-age=0'],
  ['_ga=; expires=' + past, '_ga=;max-age=0'],
  ['_ga=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/', '_ga=; path=/;max-age=0'],
  ['_ga=; max-age=-99999999999999999999999999999999999', '_ga=;max-age=0'],
  ['_ga=1; max-age=0; max-age=100', undefined],
  ['_ga=1; expires=' + past + '; max-age=100', undefined],
  ['lang=fr', 'lang=fr'],
  ['lang=fr; max-age=999', 'lang=fr;max-age=999'],
  ['lang=fr; max-age=' + YEAR + '; secure', 'lang=fr; secure;max-age=1000'],
  ['lang=fr; MAX-age  =  ' + YEAR + ' ;samesite=lax', 'lang=fr;samesite=lax;max-age=1000'],
  ['lang=fr; max-age=' + '9'.repeat(400), 'lang=fr;max-age=1000'],
  ['lang=fr; max-age=5; max-age=7', 'lang=fr;max-age=7'],
  ['lang=fr; max-age=5; max-age=x7', 'lang=fr;max-age=5'],
  ['lang=fr; max-age=7x', 'lang=fr'],
  ['lang=fr; max-age=1e2', 'lang=fr'],
  ['lang=fr; max-age', 'lang=fr; max-age'],
  ['lang=fr; expires=' + future, 'lang=fr;max-age=1000'],
  ['lang=fr; EXPIRES = ' + future + '; max-age=5', 'lang=fr;max-age=5'],
  ['lang=fr; max-age=5; expires=' + past, 'lang=fr;max-age=5'],
  ['lang=fr; expires=0', 'lang=fr'],
  ['lang=fr; expires=soon', 'lang=fr'],
  ['_pk_id.1.2=a; max-age=2000', '_pk_id.1.2=a;max-age=1000'],
  ['basket=3', 'basket=3'],
  ['basket=3; max-age=60; path=/', 'basket=3; path=/'],
  ['basket=3; expires=' + future, 'basket=3'],
  ['basket=; max-age=0', 'basket=;max-age=0'],
  ['basket=max-age=5', 'basket=max-age=5'],
  ['privacy=all', undefined],
  ['privacy=; max-age=0', undefined],
  ['__Host-privacy=x; secure; path=/', undefined],
  ['=__Host-privacy=x', undefined],
  ['__Secure-privacy=; expires=' + past, undefined],
  ['privacy2=1', 'privacy2=1'],
];

async function main() {
  for (const [line, want] of lines) assert.strictEqual(load(rules()).write(line), want, line);

  // The other fates of a cookie in no list; a fate nobody knows refuses.
  assert.strictEqual(load(rules({other: 'keep'})).write('basket=1; max-age=5000'), 'basket=1;max-age=1000');
  assert.strictEqual(load(rules({other: 'drop'})).write('basket=1'), undefined);
  assert.strictEqual(load(rules({other: ''})).write('basket=1'), undefined);
  assert.strictEqual(load(rules({other: 'drop'})).write('basket=; max-age=0'), 'basket=;max-age=0');

  // The bound draws nearer while the page is open, and past it nothing is kept.
  let page = load(rules());
  page.wait(400);
  assert.strictEqual(page.write('lang=fr; max-age=5000'), 'lang=fr;max-age=600');
  page.wait(600);
  assert.strictEqual(page.write('lang=fr; max-age=5000'), undefined);
  assert.strictEqual(load(rules({left: 'x'})).write('lang=fr'), undefined);

  // No way round by the prototype, by redefinition or by a value that changes its mind.
  page = load(rules());
  Object.getOwnPropertyDescriptor(page.Document.prototype, 'cookie').set.call(page.document, '_ga=1');
  assert.deepStrictEqual(page.written, []);
  for (const owner of [page.document, page.Document.prototype]) {
    assert.strictEqual(Object.getOwnPropertyDescriptor(owner, 'cookie').configurable, false);
    assert.throws(() => Object.defineProperty(owner, 'cookie', {get() {}}));
  }
  let turn = 0;
  page.document.cookie = {toString: () => turn++ ? '_ga=1' : 'lang=fr'};
  assert.deepStrictEqual(page.written, ['lang=fr']);
  assert.strictEqual(page.document.cookie, 'lang=fr');
  assert.ok(page.removed.includes('script'));

  // Instrumentation that came first keeps seeing writes, and only those that pass.
  const seen = [];
  page = load(rules(), ({document, Document}) => {
    const inner = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
    Object.defineProperty(document, 'cookie', {
      configurable: true, get: inner.get, set(line) { seen.push(line); inner.set.call(document, line); },
    });
  });
  assert.strictEqual(page.write('_ga=1'), undefined);
  assert.strictEqual(page.write('lang=fr; max-age=5'), 'lang=fr;max-age=5');
  assert.deepStrictEqual(seen, ['lang=fr;max-age=5']);

  // cookieStore, both forms.
  page = load(rules());
  const T = page.now();
  await page.store.set('_ga', '1');
  await page.store.set({name: '_ga', value: '1', expires: T + 5000});
  await page.store.set({name: ' privacy', value: '1', maxAge: 0});
  assert.deepStrictEqual(page.stored, []);
  await page.store.set('lang', 'fr');
  await page.store.set({name: 'lang', value: 'fr', expires: T + 9e9, domain: 'example.fr'});
  await page.store.set({name: 'lang', value: 'fr', maxAge: 50});
  await page.store.set({name: 'basket', value: '1', expires: T + 5000});
  await page.store.set({name: '_ga', value: '', expires: T - 1});
  await page.CookieStore.prototype.set.call(page.store, '_fbp', '1');
  await page.store.delete('_ga');
  assert.deepStrictEqual(JSON.parse(JSON.stringify(page.stored)), [
    {name: 'lang', value: 'fr', expires: null},
    {name: 'lang', value: 'fr', expires: T + 1000e3, domain: 'example.fr'},
    {name: 'lang', value: 'fr', expires: T + 50e3},
    {name: 'basket', value: '1', expires: null},
    {name: '_ga', value: '', expires: T},
    {name: '_ga', deleted: true},
  ]);
  assert.throws(() => { page.store.set = () => {}; }, TypeError);

  // What was refused or shortened is noted; what was not is not.
  for (const [name, line, held] of [
    ['nothing', 'lang=fr', undefined],
    ['cut to the bound', 'lang=fr; max-age=5000', undefined],
    ['deleted', '_ga=; max-age=0', undefined],
    ['dropped', '_ga=1', 1],
    ['shortened', 'basket=1; max-age=9', 1],
  ]) {
    page = load(rules());
    page.write(line);
    assert.strictEqual(page.root.dataset.held, held, name);
  }

  storages();
  await databases();
  loads();
  links();
  speculation();
  markup();
  signals();
  await matomo();

  // A browser without what the guard needs is left alone.
  vm.runInNewContext(guard, {self: {}});
}

// What is stored is where it belongs from the start, and goes there when it is written.
function storages() {
  const local = {_ga_X: '1', lang: 'fr', theme: 'dark'};
  const session = {_fbp: '1', step: '2', 'say-basket': '3', 'say-_ga': '4', 'say-lang': '5'};
  const {localStorage, sessionStorage} = load(rules(), null, {local, session}).window;
  assert.deepStrictEqual({...local}, {lang: 'fr'});
  assert.deepStrictEqual({...session}, {step: '2', 'say-theme': 'dark', 'say-basket': '3'});

  assert.strictEqual(localStorage.theme, 'dark');
  assert.strictEqual(localStorage.getItem('theme'), 'dark');
  assert.strictEqual(localStorage.getItem('_ga_X'), null);
  assert.strictEqual(localStorage.step, undefined);
  assert.ok('basket' in localStorage && !('step' in localStorage));
  assert.strictEqual(localStorage.length, 3);
  assert.deepStrictEqual(Object.keys(localStorage), ['lang', 'basket', 'theme']);
  assert.deepStrictEqual([0, 1, 2, 3].map((n) => localStorage.key(n)), ['lang', 'basket', 'theme', null]);
  assert.strictEqual(String(localStorage), '[object Object]');

  localStorage.setItem('_ga', '1');
  localStorage._fbp = '1';
  Object.defineProperty(localStorage, '_ga_2', {value: '1', configurable: true});
  sessionStorage._ga = '1';
  localStorage.theme = 'light';
  localStorage.setItem('_pk_1', 'a');
  sessionStorage.step = '3';
  assert.deepStrictEqual({...local}, {lang: 'fr', _pk_1: 'a'});
  assert.deepStrictEqual({...session}, {step: '3', 'say-theme': 'light', 'say-basket': '3'});

  delete localStorage.theme;
  localStorage.removeItem('lang');
  assert.deepStrictEqual(Object.keys(localStorage), ['_pk_1', 'basket']);
  localStorage.clear();
  assert.deepStrictEqual([{...local}, {...session}], [{}, {step: '3'}]);

  // The other fates; past the bound all goes, and what was kept aside lasts once it may.
  for (const [name, more, kept, aside] of [
    ['drop', {other: 'drop'}, {lang: 'fr'}, {}],
    ['keep', {other: 'keep'}, {lang: 'fr', theme: 'dark', basket: '3'}, {step: '2'}],
    ['ended', {left: '0'}, {}, {step: '2', 'say-theme': 'dark', 'say-basket': '3'}],
    ['nobody knows', {other: ''}, {lang: 'fr'}, {}],
  ]) {
    const local = {_ga: '1', lang: 'fr', theme: 'dark'}, session = {step: '2', 'say-basket': '3'};
    load(rules(more), null, {local, session});
    assert.deepStrictEqual([{...local}, {...session}], [kept, aside], name);
  }

  // Events show the storage that the page knows.
  const page = load(rules());
  for (const kind of ['localStorage', 'sessionStorage']) {
    let real;
    const other = load(rules(), (window) => { real = window[kind]; });
    const event = Object.assign(new other.window.StorageEvent(), {area: real});
    assert.strictEqual(event.storageArea, other.window[kind]);
  }
  assert.strictEqual(new page.window.StorageEvent().storageArea, undefined);

  // Without a storage to be had, the rest of the guard works.
  const bare = load(rules(), (window) => {
    Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('SecurityError'); }});
  });
  assert.strictEqual(bare.write('_ga=1'), undefined);
  new bare.window.HTMLScriptElement('SCRIPT').src = 'https://tag.example/';
  assert.deepStrictEqual(bare.asked, []);
}

async function databases() {
  const bases = ['_ga_db', 'lang', 'notes'];
  const {indexedDB} = load(rules(), null, {bases}).window;
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepStrictEqual(bases, ['lang', 'notes']);
  assert.throws(() => indexedDB.open('_fbp'), {name: 'SecurityError'});
  assert.strictEqual(indexedDB.open('drafts', 2), 'request');
  assert.deepStrictEqual(bases, ['lang', 'notes', 'drafts']);
}

// What is asked for by an address, as a property and as an attribute; null is nothing.
function loads() {
  for (const [address, want] of [
    ['/a.js', '/a.js'],
    ['https://example.fr/', 'https://example.fr/'],
    ['//static.example.fr/', '//static.example.fr/'],
    ['https://CDN.example:8443/x', 'https://CDN.example:8443/x'],
    ['data:,x', 'data:,x'],
    ['blob:https://tag.example/1', 'blob:https://tag.example/1'],
    ['about:blank', 'about:blank'],
    ['https://', 'https://'],
    ['', ''],
    ['https://tag.example/x', null],
    ['//tag.example', null],
    [' \n//tag.example/', null],
    ['\\\\tag.example', null],
    ['https://example.fr@tag.example/', null],
    ['https://badexample.fr/', null],
    ['https://example.fr.tag.example/', null],
    ['https://tag.example./', null],
    ['https://fr/', null],
  ]) {
    const page = load(rules()), {window} = page;
    const types = {SCRIPT: 'HTMLScriptElement', IMG: 'HTMLImageElement', IFRAME: 'HTMLIFrameElement'};
    for (const [tag, type] of Object.entries(types)) {
      const node = new window[type](tag);
      const instead = want ?? (tag === 'IFRAME' ? window.origin + '/.privacy/held?host=' + new URL(address, 'https://a/').hostname : null);
      page.asked.length = 0;
      node.src = address;
      node.setAttribute('SRC', address);
      assert.deepStrictEqual(page.asked, instead === null ? [] : [`${tag} ${instead}`, `${tag} SRC=${instead}`], address);
    }
  }
  const page = load(rules({hosts: '*'}));
  new page.window.HTMLScriptElement('SCRIPT').src = 'https://tag.example/x';
  new page.window.HTMLScriptElement('SCRIPT').setAttribute('data-src', 'https://tag.example/x');
  new page.window.Element('VIDEO').setAttribute('src', 'https://tag.example/x');
  assert.strictEqual(page.asked.length, 3);
}

// Links are judged like scripts, by whatever name their addresses are given.
function links() {
  const page = load(rules()), link = new page.window.HTMLLinkElement('LINK');
  link.href = 'https://tag.example/';
  link.setAttribute('HREF', '//tag.example');
  link.href = 'https://cdn.example/';
  link.setAttribute('href', '/own.css');
  link.setAttribute('rel', 'https://tag.example/');
  assert.deepStrictEqual(page.asked, ['LINK https://cdn.example/', 'LINK href=/own.css', 'LINK rel=https://tag.example/']);
  assert.strictEqual(page.root.dataset.held, 1);
}

// Rules for what to load ahead are no script any more; they are let alone where all is allowed.
function speculation() {
  for (const [type, want] of [
    ['speculationrules', 'x'], [' SpeculationRules ', 'x'], ['module', 'module'], ['', ''], [undefined, undefined],
  ]) {
    const page = load(rules()), script = new page.window.HTMLScriptElement('SCRIPT');
    script.type = type;
    script.setAttribute('Type', type);
    assert.deepStrictEqual(page.asked, [`SCRIPT type=${want}`, `SCRIPT Type=${want}`]);
    assert.strictEqual(page.root.dataset.held, want === 'x' ? 1 : undefined);
  }
  const page = load(rules({hosts: '*'}));
  new page.window.HTMLScriptElement('SCRIPT').type = 'speculationrules';
  assert.deepStrictEqual(page.asked, ['SCRIPT type=speculationrules']);
}

// What is refused in markup is renamed, in every way to write it, and nothing else changes.
function markup() {
  const instead = 'https://www.example.fr/.privacy/held?host=tag.example';
  for (const [text, want] of [
    ['<p>src="https://tag.example/"', undefined],
    ['<a href="https://tag.example/">', undefined],
    ['<img alt="" src="/a.png"><script src=https://cdn.example/a.js async></scr' + 'ipt>', undefined],
    ['<iframe src="data:text/html,x">', undefined],
    ['<script type="module">', undefined],
    ['<iframe src="https://tag.example/a?b=1&amp;c">', `<iframe src=${instead} data-held-src="https://tag.example/a?b=1&amp;c">`],
    ['<IFRAME\nSRC = //tag.example>', `<IFRAME\nSRC=${instead} data-held-SRC = //tag.example>`],
    ["<link rel='preconnect'href=' https://tag.example'>", "<link rel='preconnect'data-held-href=' https://tag.example'>"],
    ['<object data="https://tag.example/"><embed src="https://tag.example/">', '<object data-held-data="https://tag.example/"><embed data-held-src="https://tag.example/">'],
    ['<script type="speculationrules">{}</scr' + 'ipt>', '<script type=x data-held-type="speculationrules">{}</scr' + 'ipt>'],
    ['<iframe title=" src=https://tag.example/ x" src="https://cdn.example/">', `<iframe title=" src=${instead} data-held-src=https://tag.example/ x" src="https://cdn.example/">`],
    ['<img src="/a.png"><img src="https://tag.example/1"><img src="https://tag.example/2">',
      '<img src="/a.png"><img data-held-src="https://tag.example/1"><img data-held-src="https://tag.example/2">'],
  ]) {
    const page = load(rules()), node = new page.window.Element('DIV');
    node.innerHTML = text;
    node.outerHTML = text;
    node.insertAdjacentHTML('beforeend', text);
    page.document.write('', text);
    assert.deepStrictEqual(page.asked.filter(Boolean), Array(4).fill(want ?? text));
    assert.strictEqual(page.root.dataset.held, want && 1, text);
  }
  // What is written instead could not end the value that it may stand in.
  for (const quote of ['%22', '%27']) {
    const page = load(rules());
    page.document.write(`<iframe title=" src=https://a${quote}b/ onload=x()">`);
    assert.strictEqual(page.asked[0],
      `<iframe title=" src=https://www.example.fr/.privacy/held?host=a${quote}b data-held-src=https://a${quote}b/ onload=x()">`);
  }

  const trusted = {toString: () => '<iframe src="https://tag.example/">'};
  const page = load(rules());
  new page.window.Element('DIV').innerHTML = trusted;
  assert.strictEqual(page.asked[0], trusted);
  const free = load(rules({hosts: '*'}));
  new free.window.Element('DIV').innerHTML = String(trusted);
  assert.deepStrictEqual(free.asked, [String(trusted)]);
}

// Every tag is told before it runs, and a queue that is there already is used.
function signals() {
  const queue = [{event: 'early'}];
  const {window} = load(rules(), (window) => { window.dataLayer = queue; });
  assert.strictEqual(window.dataLayer, queue);
  assert.strictEqual(Object.prototype.toString.call(queue[1]), '[object Arguments]');
  assert.deepStrictEqual(plain(queue.slice(1)), [
    {0: 'consent', 1: 'default', 2: {ad_storage: 'denied'}}, {0: 'set', 1: {redact: true}},
  ]);
  assert.deepStrictEqual(plain(window.uetq), ['consent', 'default', {ad_storage: 'denied'}]);
  assert.deepStrictEqual(plain(window.clarity.q), [{0: 'consentv2', 1: {ad_Storage: 'denied'}}]);
  assert.strictEqual(window.wp_consent_type, 'optin');
  assert.strictEqual(window.wp_has_consent('statistics'), false);
  assert.strictEqual(load(rules({signals: told('granted')})).window.wp_has_consent('statistics'), true);
  assert.strictEqual(window.wp_has_consent('unheard-of'), false);
  assert.deepStrictEqual(plain(window.pdl), {consent: 'denied'});

  // What is told may change later, nothing else.
  window.sayTold.wp.statistics = 'allow';
  assert.strictEqual(window.wp_has_consent('statistics'), true);
}

// Each tracker is told before its first command and after those that waited, and its queue is left alone.
async function matomo() {
  const page = load(rules()), {window} = page, done = [];
  const create = () => {
    const tracker = {denied() { done.push('denied'); }, granted() { done.push('granted'); }};
    window.Matomo.listeners.forEach((listener) => listener(tracker));
    done.push('trackPageView');
  };
  window.Matomo = {listeners: [], on(event, listener) { if (event === 'TrackerSetup') this.listeners.push(listener); }};
  assert.strictEqual(window._paq, undefined);
  window.matomoPluginAsyncInit.forEach((start) => start());
  create();
  create();
  await null;
  assert.deepStrictEqual(done.splice(0), ['denied', 'trackPageView', 'denied', 'trackPageView', 'denied', 'denied']);

  window.sayTold.matomo = 'granted';
  create();
  await null;
  assert.deepStrictEqual(done.splice(0), ['granted', 'trackPageView', 'granted']);

  page.written.push('mtm_consent_removed=1790000000000');
  create();
  await null;
  assert.deepStrictEqual(done, ['trackPageView']);
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
