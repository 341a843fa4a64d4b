// A site's own Content-Security-Policy: before a choice, a page under it gets from
// the mirror what it would have got from public networks, and nothing else.
// What it would have got is asked of the browser, without the gateway.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { browserAmong, site, startFarm } from './farm.mjs';
import { startGateway } from './farm/gateway.mjs';
import { policies, startPolicies, strictest, taken } from './farm/policies.mjs';
import { newVisitor } from './visitor.mjs';

let farm;
let publisher;
let gateway;
let bare;
let guarded;
before(async () => {
  farm = await startFarm();
  publisher = await startPolicies(farm);
  gateway = await startGateway(farm, publisher.port);
  [bare, guarded] = await Promise.all([publisher.barePort, gateway.port].map(arrive));
});
after(async () => {
  await Promise.all([bare, guarded].map((visitor) => visitor?.close()));
  await Promise.all([gateway?.stop(), publisher?.stop()]);
  await farm?.stop();
});

async function arrive(port) {
  const visitor = await newVisitor(browserAmong(farm, port), site);
  await visitor.context.addInitScript(watch);
  return visitor;
}

// watch notes what loads, and what a policy refuses.
function watch() {
  window.loaded = [];
  window.refused = [];
  document.addEventListener('load', ({ target }) => window.loaded.push(target.id), true);
  document.addEventListener('securitypolicyviolation', ({ blockedURI }) => window.refused.push(blockedURI));
}

// see opens a page and returns what loaded and what was refused.
async function see({ page }, path) {
  await page.goto(site + path);
  await page.waitForLoadState('load');
  return page.evaluate(async () => {
    const families = [...new Set([...document.fonts].map(({ family }) => family.replaceAll('"', '')))];
    await Promise.allSettled(families.map((family) => document.fonts.load(`1em "${family}"`)));
    const fonts = [...document.fonts].filter(({ status }) => status === 'loaded').map(({ family }) => family.replaceAll('"', ''));
    return { loaded: [...new Set([...window.loaded, ...fonts])].filter(Boolean).sort(), refused: window.refused };
  });
}

const loadedUnder = new Map(); // by the browser alone

// Some of them are enough where they are read by the same code.
const some = (_, number) => number % 4 === 1;

for (const [way, chosen] of Object.entries({ header: () => true, meta: some })) {
  describe(`a policy in a ${way}`, () => {
    each(chosen, (policy, number) => {
      it(`lets the same pass: ${[policy].flat().join(' | ')}`, async () => {
        const path = `/${way}/${number}`;
        const without = await see(bare, path);
        farm.forget();
        const within = await see(guarded, path);
        loadedUnder.set(path, without.loaded);
        assert.deepEqual(within.loaded, without.loaded);
        assert.deepEqual(originals(within.refused).filter((address) => !without.refused.includes(address)), []);
        assert.deepEqual(farm.contacted(), []);
      });
    });
  });
}

describe('a policy that only reports', () => {
  each(some, (policy, number) => {
    it(`lets everything pass: ${[policy].flat().join(' | ')}`, async () => {
      const { loaded } = await see(guarded, `/report/${number}`);
      assert.deepEqual(loaded, [...taken].sort());
    });
  });
});

for (const way of ['header', 'meta']) {
  it(`the question is asked and answered under the strictest policy in a ${way}`, async () => {
    const visitor = await arrive(gateway.port);
    const { page, banner } = visitor;
    await visitor.open(`/${way}/${strictest}`);
    await banner.waitFor({ state: 'visible' });
    assert.equal(await banner.evaluate((form) => getComputedStyle(form.parentElement).position), 'fixed');
    await page.evaluate(() => { window.sameDocument = true; });
    await visitor.refuse();
    assert.ok(await page.evaluate(() => window.sameDocument));
    await visitor.close();
  });
}

it('the policies tell everything the page takes apart', () => {
  for (const name of taken) {
    const verdicts = new Set([...loadedUnder.values()].map((loaded) => loaded.includes(name)));
    assert.equal(verdicts.size, 2, `${name} is always treated alike`);
  }
});

function each(chosen, test) {
  policies.forEach((policy, number) => { if (chosen(policy, number)) test(policy, number); });
}

// originals are the addresses of which the copies were refused.
const mirror = `${site}/.privacy/mirror/`;
const originals = (refused) => refused.filter((address) => address.startsWith(mirror))
  .map((address) => address.replace(mirror, 'https://'));
