// Runs the guard, read from standard input as it is sent to browsers, against a document made of the
// few parts it touches, and compares what reaches the browser with what may.
'use strict';
const assert = require('node:assert');
const vm = require('node:vm');
const guard = require('node:fs').readFileSync(0, 'utf8');

const YEAR = 31536000;

// load runs the guard in a page of its own and returns that page. Written lists what passed.
function load(data, instrument) {
  const written = [], stored = [], sent = [], listeners = {};
  let now = Date.UTC(2026, 10, 23), removed = [], reloads = 0, answer;
  class Document {
    get cookie() { return written.join('; '); }
    set cookie(line) { written.push(line); }
  }
  class CookieStore {
    set(name, value) { stored.push(typeof name === 'object' ? name : {name, value}); return Promise.resolve(); }
    delete(name) { stored.push({name, deleted: true}); return Promise.resolve(); }
  }
  const FakeDate = class extends Date { static now() { return now; } };
  const document = new Document();
  const script = {dataset: data, remove() { removed.push('script'); }};
  const panel = {remove() { removed.push('panel'); }};
  const body = {focus(options) { removed.push('focus:' + this.tabIndex + ':' + options.preventScroll); }};
  Object.assign(document, {
    currentScript: script, body,
    addEventListener: (type, listener) => { listeners[type] = listener; },
  });
  const store = new CookieStore();
  const window = {
    document, Document, CookieStore, cookieStore: store, Date: FakeDate, Reflect, Object, URLSearchParams,
    FormData: class { constructor(form, button) { return [['back', form.back], [button.name, button.value]]; } },
    location: {reload() { reloads++; }},
    fetch: (url, options) => { sent.push({url, options}); return answer; },
  };
  window.self = window;
  if (instrument) instrument(window);
  vm.runInNewContext(guard, window);
  document.currentScript = null;
  return {
    window, document, store, written, stored, sent, removed, Document, CookieStore,
    write(line) { written.length = 0; document.cookie = line; return written[0]; },
    wait(seconds) { now += seconds * 1000; },
    now: () => now,
    reloads: () => reloads,
    async submit(value, reply, form) {
      answer = reply;
      let prevented = false, clicked = false;
      form = form || {back: '/a', action: '/.privacy/choice', parentNode: panel, matches: (s) => s === '.say-form'};
      const button = {name: 'choice', value, click() { clicked = true; }};
      listeners.submit({target: form, submitter: button, preventDefault() { prevented = true; }});
      await new Promise((resolve) => setTimeout(resolve, 1));
      return {prevented, clicked};
    },
  };
}

const rules = (more) => Object.assign(
  {drop: '_ga _ga_* _fbp', keep: '_pk_* lang', other: 'session', left: '1000'}, more);
const json = (value) => Promise.resolve({json: () => Promise.resolve(value)});
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

  // Refusing hides the panel where it stands; the new rules hold at once.
  const guardNow = {drop: '', keep: '_ga lang', other: 'drop', left: 50};
  page = load(rules());
  page.write('_ga=1');
  let result = await page.submit('refuse', json({state: 'refused', reload: false, guard: guardNow}));
  assert.deepStrictEqual(result, {prevented: true, clicked: false});
  assert.deepStrictEqual(page.removed, ['script', 'panel', 'focus:-1:true']);
  assert.strictEqual(page.reloads(), 0);
  assert.strictEqual(page.sent[0].url, '/.privacy/choice');
  assert.strictEqual(page.sent[0].options.headers.Accept, 'application/json');
  assert.strictEqual(String(page.sent[0].options.body), 'back=%2Fa&choice=refuse');
  assert.strictEqual(page.write('_ga=1; max-age=99'), '_ga=1;max-age=50');

  // Accepting reloads only a page on which something was held back.
  for (const [name, data, line, reloads] of [
    ['nothing', rules(), 'lang=fr', 0],
    ['cut to the bound', rules(), 'lang=fr; max-age=5000', 0],
    ['deleted', rules(), '_ga=; max-age=0', 0],
    ['dropped', rules(), '_ga=1', 1],
    ['shortened', rules(), 'basket=1; max-age=9', 1],
    ['held by the gateway', rules({held: '1'}), 'lang=fr', 1],
  ]) {
    page = load(data);
    page.write(line);
    await page.submit('accept', json({state: 'accepted', reload: true, guard: guardNow}));
    assert.strictEqual(page.reloads(), reloads, name);
    assert.strictEqual(page.removed.includes('panel'), !reloads, name);
  }

  // Whatever fails, the form is pressed again and left to the browser. Other forms are not touched.
  for (const reply of [Promise.reject(new Error('offline')), json({error: 'no'}),
    Promise.resolve({json: () => Promise.reject(new Error('not JSON'))})]) {
    page = load(rules());
    assert.deepStrictEqual(await page.submit('accept', reply), {prevented: true, clicked: true});
    assert.strictEqual(page.removed.includes('panel'), false);
    assert.deepStrictEqual(await page.submit('accept', reply), {prevented: false, clicked: false});
    assert.strictEqual(page.write('_ga=1'), undefined);
  }
  page = load(rules());
  assert.deepStrictEqual(await page.submit('x', null, {matches: () => false}), {prevented: false, clicked: false});

  // A browser without what the guard needs is left alone.
  vm.runInNewContext(guard, {self: {}});
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
