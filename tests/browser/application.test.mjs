// A real application behind the gateway: what people do with a wiki works in
// every state, and the promises hold for cookies nobody prepared for a test.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';
import { account, startWiki } from './wiki.mjs';

let browser;
let wiki;
let gateway;
before(async () => {
  wiki = await startWiki();
  gateway = await startGateway(wiki.port);
  browser = await launch();
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  await wiki?.stop();
});

const states = {
  'before a choice': async () => {},
  'after a refusal': (visitor) => visitor.refuse(),
  'after accepting': (visitor) => visitor.prefer('functional', 'statistics', 'marketing'),
  'after a withdrawal': async (visitor) => {
    await visitor.prefer('functional', 'statistics', 'marketing');
    await visitor.withdraw();
  },
};

const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let tests = 0;
for (const [state, reach] of Object.entries(states)) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`a wiki works ${state}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
      const id = `essai${++tests}`; // a page and a picture of this state's own
      let visitor;
      let page;
      before(async () => {
        visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled });
        ({ page } = visitor);
        await visitor.open('/doku.php?id=start');
        await reach(visitor);
      });
      after(() => visitor?.close());

      it('a login is kept, with its session and its "remember me"', async () => {
        await visitor.open('/doku.php?id=start&do=login');
        const form = page.locator('#dw__login');
        await form.locator('[name=u]').fill(account.name);
        await form.locator('[name=p]').fill(account.password);
        await form.locator('[name=r]').check();
        await form.locator('[name=p]').press('Enter');
        await page.locator('.user', { hasText: account.name }).waitFor();
        await visitor.open('/doku.php?id=wiki:syntax');
        assert.ok(await page.locator('.user', { hasText: account.name }).isVisible());
      });

      it('a page is written and read', async () => {
        await visitor.open(`/doku.php?id=${id}&do=edit`);
        await page.locator('#wiki__text').fill('====== Grève ======\nMarée basse à midi & vent d’ouest.');
        await page.locator('#edbtn__save').press('Enter');
        await page.locator('h1', { hasText: 'Grève' }).waitFor();
        await page.getByText('Marée basse à midi & vent d’ouest.').waitFor();
      });

      it('a picture is uploaded and downloaded', async () => {
        await visitor.open('/doku.php?id=start&do=media&ns=&tab_files=upload');
        await page.locator('input[type=file]').setInputFiles({
          name: `${id}.png`, mimeType: 'image/png', buffer: dot,
        });
        await page.locator(javaScriptEnabled ? '#mediamanager__upload_button' : '#dw__upload button').press('Enter');
        const uploaded = javaScriptEnabled ? page.locator('.qq-upload-success') : page.locator('.success');
        await uploaded.waitFor({ state: 'attached' });
        const answer = await visitor.context.request.get(`${gateway.origin}/lib/exe/fetch.php?media=${id}.png`);
        assert.ok(dot.equals(await answer.body()));
      });

      it('its cookies live as long as it needs them, and no longer than thirteen months', async () => {
        await visitor.open(`/doku.php?id=${id}`);
        const stored = await visitor.jar();
        for (const { name, days } of stored) assert.ok(days <= 393, `${name}: ${days} days`);
        assert.ok(stored.some(({ name, days }) => name.startsWith('DW') && days > 300), 'forgets who asked to be remembered');
        assert.deepEqual(await visitor.consentBound(), []);
      });

      it('the login ends when asked', async () => {
        await visitor.open(`/doku.php?id=${id}`);
        await page.locator('a[href*="do=logout"]').first().press('Enter');
        await page.locator('a[href*="do=login"]').first().waitFor({ state: 'attached' });
      });
    });
  }
}
