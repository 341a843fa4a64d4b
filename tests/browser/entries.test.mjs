// How the owner learns of what pages keep in the browser's storages: by name,
// from who agreed to everything, and from nobody else.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

let visitor;
let told; // what pages told the gateway
const meet = async (options) => {
  visitor = await newVisitor(browser, gateway.origin, options);
  told = [];
  visitor.context.on('request', (request) => {
    if (request.url().endsWith('/.privacy/report') && request.postData()?.includes('entries')) told.push(request.postData());
  });
  await visitor.context.addInitScript(() => { Math.random = () => 0; }); // every page is the one of sixteen
  await visitor.open('/contact');
};
beforeEach(() => meet());
afterEach(() => visitor.close());

const store = () => visitor.page.evaluate(async () => {
  localStorage.setItem('theme_of_pages', 'a secret value');
  localStorage.setItem('draft_20261123', 'a secret value');
  localStorage.setItem('ttclid', 'a secret value');
  sessionStorage.setItem('step', 'a secret value');
  await new Promise((resolve) => { indexedDB.open('drafts').onsuccess = resolve; });
});

const storage = async () => {
  const { sites } = await gateway.report();
  return Object.fromEntries(sites.flatMap((site) => site.storage.map(({ name, purpose = '' }) => [name, purpose])));
};

it('before a choice, after a refusal and against a signal nothing is told', async () => {
  await store();
  await visitor.open('/articles/phare');
  await visitor.refuse();
  await store();
  await visitor.open('/contact');
  await visitor.close();
  await meet({ extraHTTPHeaders: { 'Sec-GPC': '1' } });
  await visitor.context.addInitScript(() => Reflect.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  await visitor.prefer('functional', 'statistics', 'marketing');
  await visitor.open('/contact');
  await store();
  await visitor.open('/articles/phare');
  assert.deepEqual(told, []);
  assert.deepEqual(await storage(), {});
});

it('after accepting, names are told and no values, and the page works as without', async () => {
  const errors = [];
  visitor.page.on('pageerror', (error) => errors.push(error));
  await visitor.accept();
  await store();
  await visitor.open('/articles/phare'); // the databases of the page before are known from here on
  await visitor.open('/contact');
  const expected = { theme_of_pages: '', 'draft_*': '', ttclid: 'marketing', step: '', drafts: '' };
  let seen = {};
  for (const end = Date.now() + 20_000; Date.now() < end && !('drafts' in seen);) seen = await storage();
  for (const [name, purpose] of Object.entries(expected)) assert.equal(seen[name], purpose, `${name} in ${JSON.stringify(seen)}`);
  assert.ok(told.length > 0 && !told.some((text) => text.includes('secret')), String(told));
  assert.deepEqual(errors, []);
  assert.equal(await visitor.page.evaluate(() => localStorage.draft_20261123), 'a secret value');
  await visitor.open('/.privacy/');
  assert.match(await visitor.page.locator('#services').innerText(), /TikTok/);
});

it('is told by one page in sixteen', async () => {
  await visitor.context.addInitScript(() => { Math.random = () => 1 / 16; });
  await visitor.accept();
  await visitor.open('/articles/phare');
  await visitor.open('/contact');
  assert.deepEqual(told, []);
});
