// Runs the link's script, read from standard input as it is sent to browsers, against a document made of
// the few parts it touches, and compares what it does with what it should.
'use strict';
const assert = require('node:assert');
const vm = require('node:vm');
const link = require('node:fs').readFileSync(0, 'utf8');

// load runs the script on a page with these globals.
function load(globals) {
  const listeners = {}, document = {
    cookie: '',
    currentScript: {dataset: {settings: '.settings'}, previousElementSibling: {firstChild: {href: '/.privacy/?lang=fr'}}},
    addEventListener: (type, listener) => { listeners[type] = listener; },
  };
  const location = {reloads: 0, reload() { this.reloads++; }};
  const window = {document, location, addEventListener: document.addEventListener, ...globals};
  window.self = window;
  vm.runInNewContext(link, window);
  return {window, document, location, listeners};
}

// A page that comes back is loaded anew when the readable record of the choice is another.
function cameBack() {
  for (const [before, after, persisted, reloads] of [
    ['a=1', 'a=1', true, 0],
    ['a=1', 'a=1; privacy=necessary', true, 1],
    ['a=1; privacy=necessary', 'b=2; privacy=necessary', true, 0],
    ['a=1; privacy=necessary', 'a=1', true, 1],
    ['a=1; privacy=necessary', 'privacy=necessary', true, 0],
    ['privacy=necessary', 'privacy=necessary.statistics', true, 1],
    ['privacy=necessary', 'privacy=necessary.statistics', false, 0],
    ['my-privacy=1', 'my-privacy=2', true, 0],
  ]) {
    const page = load();
    page.document.cookie = before;
    page.listeners.pageshow({persisted: false});
    page.document.cookie = after;
    page.listeners.pageshow({persisted});
    assert.strictEqual(page.location.reloads, reloads, `${before} then ${after}`);
  }
}

// The settings of another tool lead to the choice; all else does what it did.
function settings() {
  for (const [target, want] of [
    [{closest: (selector) => selector === '.settings'}, '/.privacy/?lang=fr#choices'],
    [{closest: () => null}, undefined],
    [{}, undefined],
  ]) {
    const page = load();
    let prevented = 0;
    page.listeners.click({target, preventDefault() { prevented++; }, stopImmediatePropagation() { prevented++; }});
    assert.deepStrictEqual([page.window.location === want, prevented], [want !== undefined, want ? 2 : 0]);
  }
}

// Piano's mode: what is told, what the site set itself, before and after a choice that is told then.
function piano() {
  for (const [told, own, then, before, after] of [
    ['opt-out', undefined, 'opt-in', 'opt-out', 'opt-in'],
    ['opt-out', undefined, 'opt-out', 'opt-out', 'opt-out'],
    ['opt-out', 'opt-in', 'opt-out', 'opt-out', 'opt-out'],
    ['opt-out', 'essential', 'opt-out', 'essential', 'opt-out'],
    ['opt-out', 'essential', 'opt-in', 'essential', 'opt-in'],
    ['opt-in', 'essential', 'opt-in', 'opt-in', 'opt-in'],
    ['opt-in', undefined, 'opt-in', 'opt-in', 'opt-in'],
  ]) {
    const pdl = (mode) => ({consent: {defaultPreset: {PA: mode}}});
    const name = [told, own, then].join();

    // Not there yet, whatever the site has made of the settings.
    for (const settings of [own ? pdl(own) : pdl(told), ...(own ? [] : [{}, {consent: {products: ['PA']}}])]) {
      const page = load({sayTold: {piano: told, pdl: settings}, pdl: settings});
      assert.strictEqual(settings.consent.defaultPreset.PA, before, name);
      page.window.sayTold.piano = then;
      page.listeners.wp_listen_for_consent_change({});
      assert.strictEqual(settings.consent.defaultPreset.PA, after, name);
    }

    // There already.
    let mode = own || told;
    const consent = {getMode: () => mode, setMode(given) { mode = given; }};
    const page = load({sayTold: {piano: told}, pdl: pdl(own), pa: {consent}});
    assert.strictEqual(mode, before, name);
    page.window.sayTold.piano = then;
    page.listeners.wp_listen_for_consent_change({});
    assert.strictEqual(mode, after, name);
  }
}

cameBack();
settings();
piano();
