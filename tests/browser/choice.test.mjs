import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { isOurs, needsConsent, purposeOf } from './purposes.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

// sentForConsent lists what the site was sent although it needs consent.
const sentForConsent = () => gateway.recorder.cookieNames().filter(needsConsent);

for (const javaScriptEnabled of [true, false]) {
  describe(`a choice, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    let visitor;
    beforeEach(async () => {
      visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled });
      await visitor.open('/articles/phare');
      gateway.recorder.forget();
    });
    afterEach(() => visitor.close());

    // written are the purposes of the cookies in the jar, our own left out.
    const written = async () => new Set((await visitor.names((cookie) => !isOurs(cookie.name)))
      .map(purposeOf));

    it('refused: nothing that needs consent, for as long as one reads on', async () => {
      await visitor.refuse();
      await visitor.walk();
      await visitor.walk();
      assert.deepEqual(await visitor.consentBound(), []);
      assert.deepEqual(await visitor.lasting(), []);
      assert.deepEqual(sentForConsent(), []);
    });

    it('refused: the site is told, and the visitor is not asked again', async () => {
      await visitor.refuse();
      gateway.recorder.forget();
      await visitor.open('/articles/dunes');
      const [page] = gateway.recorder.seen;
      assert.equal(page.headers['sec-gpc'], '1');
      assert.equal(await visitor.banner.isVisible(), false);
    });

    it('accepted: the cookies come, and the site gets them back', async () => {
      await visitor.accept();
      await visitor.walk();
      const names = await visitor.names();
      assert.ok(names.includes('FPID') && names.includes('reader_id'), `stored: ${names}`);
      assert.ok((await visitor.lasting()).includes('reader_id'));
      assert.ok(gateway.recorder.cookieNames().includes('FPID'));
      if (javaScriptEnabled) {
        for (const name of ['_ga', '_fbp', '_ttp', '__zlcmid', 'theme']) assert.ok(names.includes(name), name);
      }
      assert.equal(await visitor.banner.isVisible(), false);
    });

    it('customised: only the purposes that were ticked', async () => {
      await visitor.prefer('statistics');
      await visitor.walk();
      const purposes = await written();
      assert.ok(purposes.has('statistics'));
      assert.ok(!purposes.has('marketing') && !purposes.has('functional'), [...purposes].join());
      assert.ok(sentForConsent().every((name) => purposeOf(name) === 'statistics'));
    });

    it('customised: the preferences page shows what was ticked', async () => {
      await visitor.prefer('statistics', 'functional');
      await visitor.open('/.privacy/');
      for (const purpose of ['functional', 'statistics', 'marketing']) {
        const box = visitor.banner.locator(`input[name="purpose"][value="${purpose}"]`);
        assert.equal(await box.isChecked(), purpose !== 'marketing', purpose);
      }
    });

    it('nothing is ticked in advance', async () => {
      await visitor.open('/.privacy/');
      assert.equal(await visitor.banner.locator('input[name="purpose"]:not([disabled]):checked').count(), 0);
    });

    it('changed: what is no longer wanted goes, what is newly wanted comes', async () => {
      await visitor.prefer('statistics');
      await visitor.walk();
      await visitor.prefer('marketing');
      gateway.recorder.forget();
      await visitor.walk();
      const purposes = await written();
      assert.ok(!purposes.has('statistics'), [...purposes].join());
      assert.ok(purposes.has('marketing'));
      assert.ok(sentForConsent().every((name) => purposeOf(name) === 'marketing'));
    });

    it('withdrawn: everything is deleted, on every path, and stays away', async () => {
      await visitor.accept();
      await visitor.walk();
      const before = await visitor.lasting();
      assert.ok(before.includes('last_read') && before.includes('FPID'), `stored: ${before}`);
      await visitor.withdraw();
      gateway.recorder.forget();
      // These pages do not set again what /lettre and others have set.
      await visitor.walk(['/contact', '/recu', '/articles/dunes']);
      assert.deepEqual(await visitor.lasting(), []);
      await visitor.walk();
      assert.deepEqual(await visitor.consentBound(), []);
      assert.deepEqual(await visitor.lasting(), []);
      assert.deepEqual(sentForConsent(), []);
    });

    it('withdrawn: the session of the site is left alone', async () => {
      await visitor.accept();
      await visitor.open('/');
      const session = async () => (await visitor.context.cookies())
        .find(({ name }) => name === 'PHPSESSID')?.value;
      const before = await session();
      assert.ok(before);
      await visitor.withdraw();
      await visitor.open('/');
      assert.equal(await session(), before);
    });

    it('is kept in one record that scripts cannot read', async () => {
      await visitor.refuse();
      const records = (await visitor.jar()).filter(({ name }) => isOurs(name));
      assert.ok(records.some(({ httpOnly }) => httpOnly), 'no HttpOnly record');
      assert.ok(records.every(({ days }) => days > 150), 'a record that the window does not outlive');
    });
  });
}

describe('with JavaScript', () => {
  let visitor;
  beforeEach(async () => {
    visitor = await newVisitor(browser, gateway.origin);
    await visitor.open('/articles/phare');
    await visitor.page.evaluate(() => { window.sameDocument = true; });
  });
  afterEach(() => visitor.close());

  const sameDocument = () => visitor.page.evaluate(() => window.sameDocument === true);

  it('refusing hides the question without a navigation', async () => {
    await visitor.refuse();
    assert.ok(await sameDocument());
  });

  it('accepting loads a page anew that held something back', async () => {
    await visitor.accept();
    assert.equal(await sameDocument(), false);
    assert.equal(new URL(visitor.page.url()).pathname, '/articles/phare');
  });

  it('what was typed into a form survives a refusal', async () => {
    await visitor.page.locator('#comment').fill('à moitié écrit');
    await visitor.refuse();
    assert.equal(await visitor.page.locator('#comment').inputValue(), 'à moitié écrit');
  });

  it('a choice made in one tab holds in the other', async () => {
    const other = await visitor.context.newPage();
    await other.goto(`${gateway.origin}/contact`);
    await visitor.refuse();
    await other.goto(`${gateway.origin}/articles/dunes`);
    assert.equal(await other.locator('form[action="/.privacy/choice"]').isVisible(), false);
    assert.deepEqual(await visitor.consentBound(), []);
  });
});
