// Runs the panel's script, read from standard input as it is sent to browsers, against a document made of
// the few parts it touches, and compares what it does with what it should.
'use strict';
const assert = require('node:assert');
const vm = require('node:vm');
const panel = require('node:fs').readFileSync(0, 'utf8');

// load runs the script beside a panel. Held tells whether the page bears a mark.
function load({held = false, readyState = 'complete', fetch = true, matomo = true} = {}) {
  const done = [], sent = [], heard = [], listeners = {};
  let answer;
  const body = {focus(options) { done.push('focus:' + this.tabIndex + ':' + options.preventScroll); }};
  const form = {action: '/.privacy/choice'};
  const section = {querySelector: (selector) => selector === '.say-form' && form, remove() { done.push('hidden'); }};
  const window = {
    dataLayer: [], uetq: [], told: [], sayTold: {}, asked: [], URLSearchParams, Object,
    clarity(...call) { window.told.push(call); },
    Matomo: matomo === true ? {getAsyncTrackers: () => [1, 2].map((n) => ({setConsentGiven() { window.asked.push(n); }}))} : matomo,
    document: {
      body, readyState, currentScript: {previousElementSibling: section},
      querySelector: (selector) => (selector === '[data-held]' && held ? {} : null),
      dispatchEvent: (event) => { heard.push(event); },
    },
    addEventListener: (type, listener) => { listeners[type] = listener; },
    CustomEvent: class { constructor(type, {detail}) { Object.assign(this, {type, detail}); } },
    FormData: class { constructor(form) { assert.strictEqual(form.action, '/.privacy/choice'); return [['back', '/a']]; } },
    location: {reload() { done.push('reload'); }},
    fetch: fetch && ((url, options) => { sent.push({url, options}); return answer; }),
  };
  window.self = window;
  vm.runInNewContext(panel, window);
  window.document.currentScript = null;
  return {
    window, done, sent, heard, form,
    async submit(value, reply, target = form) {
      answer = reply;
      let prevented = false, clicked = false;
      const submitter = value && {name: 'choice', value, click() { clicked = true; }};
      listeners.submit({target, submitter, preventDefault() { prevented = true; }});
      await new Promise((resolve) => setTimeout(resolve, 1));
      return {prevented, clicked};
    },
  };
}

// plain is a value of the page as one of ours, to compare.
const plain = (value) => JSON.parse(JSON.stringify(value));
const json = (value) => Promise.resolve({json: () => Promise.resolve(value)});
const signals = {
  categories: ['necessary'], google: {ad_storage: 'denied'}, set: {redact: true}, uet: {ad_storage: 'denied'},
  clarity: {ad_Storage: 'denied'}, wp: {statistics: 'allow'}, matomo: 'setConsentGiven',
};

async function main() {
  // Refusing hides the panel where it stands, and everybody is told.
  let page = load({held: true});
  assert.deepStrictEqual(await page.submit('refuse', json({reload: false, signals})), {prevented: true, clicked: false});
  assert.deepStrictEqual(page.done, ['hidden', 'focus:-1:true']);
  assert.strictEqual(page.sent[0].url, '/.privacy/choice');
  assert.strictEqual(page.sent[0].options.headers.Accept, 'application/json');
  assert.strictEqual(String(page.sent[0].options.body), 'back=%2Fa&choice=refuse');
  assert.deepStrictEqual(plain(page.window.dataLayer), [
    {0: 'consent', 1: 'update', 2: signals.google}, {0: 'set', 1: signals.set},
    {event: 'consent_update', categories: ['necessary'], method: 'refuse'},
  ]);
  assert.deepStrictEqual(plain(page.window.uetq), ['consent', 'update', signals.uet]);
  assert.deepStrictEqual(plain(page.window.told), [['consentv2', signals.clarity]]);
  assert.deepStrictEqual(plain(page.heard), [{type: 'wp_listen_for_consent_change', detail: signals.wp}]);
  assert.deepStrictEqual(page.window.asked, [1, 2]);
  assert.deepStrictEqual(plain(page.window.sayTold), signals);

  // Nobody has to be there to be told.
  page = load({matomo: false});
  assert.deepStrictEqual(await page.submit('refuse', json({reload: false, signals})), {prevented: true, clicked: false});

  // What only bears the name of one keeps nobody else from being told.
  page = load({matomo: {}});
  await page.submit('refuse', json({reload: false, signals}));
  assert.deepStrictEqual([page.window.dataLayer.length, page.heard.length], [3, 1]);

  // Accepting reloads a page that lacks something, or may: its end, where the mark is, has not come yet.
  for (const [options, reloads] of [[{}, false], [{held: true}, true], [{readyState: 'loading'}, true]]) {
    page = load(options);
    await page.submit('accept', json({reload: true, signals}));
    assert.deepStrictEqual(page.done, reloads ? ['reload'] : ['hidden', 'focus:-1:true']);
  }

  // Whatever fails, the button is pressed again and left to the browser.
  for (const reply of [Promise.reject(new Error('offline')), json({error: 'no'}),
    Promise.resolve({json: () => Promise.reject(new Error('not JSON'))})]) {
    page = load();
    assert.deepStrictEqual(await page.submit('accept', reply), {prevented: true, clicked: true});
    assert.deepStrictEqual(page.done, []);
    assert.deepStrictEqual(await page.submit('accept', reply), {prevented: false, clicked: false});
  }

  // Other forms are not touched, nor is ours in a browser that cannot say which button was pressed.
  const untouched = {prevented: false, clicked: false};
  assert.deepStrictEqual(await load().submit('accept', null, {action: '/.privacy/choice'}), untouched);
  assert.deepStrictEqual(await load().submit(undefined, null), untouched);
  assert.deepStrictEqual(await load({fetch: false}).submit('accept', null), untouched);
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
