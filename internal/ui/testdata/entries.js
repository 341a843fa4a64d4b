// Runs the entries' script, read from standard input as it is sent to browsers, in the few parts of a
// window that it touches, and compares what it sends with what it should.
'use strict';
const assert = require('node:assert');
const vm = require('node:vm');
const script = require('node:fs').readFileSync(0, 'utf8');

// leave opens a page, leaves it twice, and returns what was sent.
async function leave({navigator = {}, chance = 0, local = {}, session = {}, databases = [], broken = {}, later = 'necessary.marketing'} = {}) {
  const sent = [], listeners = [];
  const window = {
    navigator: {sendBeacon: (address, text) => { sent.push([address, JSON.parse(text)]); }, ...navigator},
    Math: {random: () => chance},
    addEventListener: (...listener) => { listeners.push(listener); },
    document: {cookie: 'a=1; privacy=necessary.marketing; b=2'},
    localStorage: local, sessionStorage: session,
    indexedDB: {databases: () => databases ? Promise.resolve(databases) : Promise.reject(new Error('no list'))},
  };
  for (const name in broken) Object.defineProperty(window, name, {get() { throw broken[name]; }});
  vm.runInNewContext(script, window);
  await new Promise((resolve) => setTimeout(resolve, 1));
  window.document.cookie = `privacy=${later}; a=2`;
  for (let left = 0; left < 2; left++) {
    for (const [type, listener, {once}] of listeners) if (type === 'pagehide' && !(left && once)) listener();
  }
  return sent;
}

const told = (...entries) => [['/.privacy/report', {entries}]];

async function main() {
  const stored = {local: {theme: 'secret', both: '1'}, session: {step: 'secret', both: '2'}, databases: [{name: 'drafts', version: 1}]};
  assert.deepStrictEqual(await leave(stored), told('drafts', 'theme', 'both', 'step'));
  assert.deepStrictEqual(await leave({...stored, chance: 0.06}), told('drafts', 'theme', 'both', 'step'));
  assert.deepStrictEqual(await leave({...stored, chance: 0.07}), [], 'told on too many pages');
  for (const navigator of [{globalPrivacyControl: true}, {doNotTrack: '1'}]) {
    assert.deepStrictEqual(await leave({...stored, navigator}), [], 'told against the wish of the browser');
  }
  for (const navigator of [{globalPrivacyControl: false}, {doNotTrack: '0'}, {doNotTrack: 'unspecified'}, {doNotTrack: null}]) {
    assert.strictEqual((await leave({...stored, navigator})).length, 1);
  }

  // What could hold more than a name is left out, and the whole is bounded.
  assert.deepStrictEqual(await leave({local: {['a'.repeat(65)]: '', ['b'.repeat(64)]: ''}}), told('b'.repeat(64)));
  const many = Object.fromEntries(Array.from({length: 300}, (_, n) => [`entry-${n}`, '']));
  assert.strictEqual((await leave({local: many}))[0][1].entries.length, 200);

  // A document without storage, and a browser without the list of databases.
  assert.deepStrictEqual(await leave({...stored, broken: {localStorage: new Error('no origin')}}), []);
  assert.deepStrictEqual(await leave({...stored, broken: {indexedDB: new Error('no list')}}), told('theme', 'both', 'step'));

  // Storage that is switched off, a list that is refused, and a browser that cannot send.
  assert.deepStrictEqual(await leave({local: null, session: null, databases: null}), told());
  assert.deepStrictEqual(await leave({...stored, navigator: {sendBeacon: undefined}}), []);

  // Who has changed his mind in another tab is not asked any more.
  assert.deepStrictEqual(await leave({...stored, later: 'necessary'}), [], 'told after the consent was withdrawn');
}

main();
