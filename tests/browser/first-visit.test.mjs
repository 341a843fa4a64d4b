import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

for (const javaScriptEnabled of [true, false]) {
  describe(`before a choice, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    let visitor;
    beforeEach(async () => {
      visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled });
      gateway.recorder.forget();
    });
    afterEach(() => visitor.close());

    it('stores nothing that needs consent, and nothing of ours', async () => {
      await visitor.walk();
      await visitor.walk();
      assert.deepEqual(await visitor.consentBound(), []);
      assert.deepEqual(await visitor.ours(), []);
    });

    it('stores nothing that outlives the window', async () => {
      await visitor.walk();
      assert.deepEqual(await visitor.lasting(), []);
    });

    it('keeps the session the site works with', async () => {
      await visitor.walk();
      assert.ok((await visitor.names()).includes('PHPSESSID'));
      assert.ok(gateway.recorder.cookieNames().includes('PHPSESSID'));
    });

    it('keeps cookies of earlier days from the site', async () => {
      await visitor.context.addCookies([
        { name: '_ga', value: 'GA1.1.1.1700000000', url: gateway.origin },
        { name: '_fbp', value: 'fb.0.1700000000000.1', url: gateway.origin },
        { name: 'PHPSESSID', value: 'earlier', url: gateway.origin },
      ]);
      await visitor.walk();
      const sent = gateway.recorder.cookieNames();
      assert.ok(!sent.includes('_ga') && !sent.includes('_fbp'), `the site was sent ${sent}`);
      assert.ok(sent.includes('PHPSESSID'));
    });

    it('leaves the page readable and usable', async () => {
      const answer = await visitor.open('/articles/phare');
      assert.equal(answer.status(), 200);
      const { page } = visitor;
      assert.ok(await page.locator('h1').isVisible());
      await visitor.banner.waitFor({ state: 'visible' });
      await page.mouse.move(640, 200);
      await page.mouse.wheel(0, 400);
      if (javaScriptEnabled) await page.waitForFunction(() => scrollY > 0);
      await page.locator('nav a', { hasText: 'Contact' }).click();
      await page.waitForURL('**/contact');
      assert.ok(await page.locator('h1').isVisible());
    });
  });
}

describe('scripts before a choice', () => {
  let visitor;
  before(async () => {
    visitor = await newVisitor(browser, gateway.origin);
    await visitor.open('/');
  });
  after(() => visitor?.close());

  const writers = {
    'document.cookie': (name) => { document.cookie = `${name}=1; max-age=63072000; path=/`; },
    'the accessor of the prototype': (name) => {
      Object.getOwnPropertyDescriptor(Document.prototype, 'cookie')
        ?.set.call(document, `${name}=1; max-age=63072000; path=/`);
    },
    'cookieStore.set(options)': (name) => cookieStore
      .set({ name, value: '1', expires: Date.now() + 63072e6 }).catch(() => null),
    'cookieStore.set(name, value)': (name) => cookieStore.set(name, '1').catch(() => null),
  };
  for (const [way, write] of Object.entries(writers)) {
    it(`store no known tracker through ${way}`, async () => {
      await visitor.page.evaluate(write, '_ga');
      await visitor.settle();
      assert.deepEqual(await visitor.consentBound(), []);
    });

    it(`store an unknown cookie for the session at most through ${way}`, async () => {
      await visitor.page.evaluate(write, 'compare_list');
      await visitor.settle();
      assert.deepEqual(await visitor.lasting(), []);
    });
  }
});
