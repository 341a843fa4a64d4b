import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { answer } from './forms/answer.mjs';
import { repository, startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
let tides;
before(async () => {
  tides = await readFile(join(repository, 'tests/site/documents/marees-2026.csv'));
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

const states = {
  'before a choice': async () => {},
  'after a refusal': (visitor) => visitor.refuse(),
  'after accepting': (visitor) => visitor.accept(),
  'after a withdrawal': async (visitor) => {
    await visitor.accept();
    await visitor.withdraw();
  },
};

for (const [state, reach] of Object.entries(states)) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`the newspaper works ${state}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
      let visitor;
      let page;
      before(async () => {
        visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled });
        ({ page } = visitor);
        await visitor.open('/');
        await reach(visitor);
      });
      after(() => visitor?.close());

      it('a login is kept, remembered and ended', async () => {
        await visitor.open('/compte/');
        assert.match(page.url(), /\/compte\/connexion$/);
        await page.locator('#name').fill('Maëlle');
        await page.locator('#password').fill('secret');
        await page.locator('#remember').check();
        await page.locator('#password').press('Enter');
        await page.waitForURL('**/compte/');
        assert.equal(await page.locator('#session').textContent(), 'Vous êtes connecté.');
        assert.equal(await page.locator('#remembered').textContent(), 'Nous nous souviendrons de vous.');
        await page.locator('main button').focus();
        await page.keyboard.press('Enter');
        await page.waitForURL('**/compte/connexion');
        await visitor.open('/compte/');
        assert.match(page.url(), /\/compte\/connexion$/);
      });

      it('the contact form arrives', async () => {
        await visitor.open('/contact');
        await page.locator('#name').fill('Zoé & <Yann>');
        await page.locator('#mail').fill('zoe@example.org');
        await page.locator('#message').fill('Marée basse à midi.');
        await page.locator('#mail').press('Enter');
        if (!javaScriptEnabled) await answer(page);
        await page.locator('h1', { hasText: 'Merci, Zoé & <Yann>' }).waitFor();
      });

      it('a comment arrives with a photo of three megabytes', async () => {
        await visitor.open('/articles/phare');
        await page.locator('#author').fill('Yann');
        await page.locator('#comment').fill('Quarante-deux navires.');
        await page.locator('#photo').setInputFiles({
          name: 'greve.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(3_000_000, 7),
        });
        await page.locator('#author').press('Enter');
        await page.locator('#upload', { hasText: 'greve.jpg, 3000000 octets' }).waitFor();
      });

      it('a file is downloaded whole', async () => {
        await visitor.open('/documents/');
        const link = page.locator('a[download]');
        await link.focus();
        const [download] = await Promise.all([page.waitForEvent('download'), link.press('Enter')]);
        assert.ok(tides.equals(await readFile(await download.path())));
      });

      it('a download is resumed', async () => {
        const answer = await visitor.context.request.get(
          `${gateway.origin}/documents/marees-2026.csv`, { headers: { Range: 'bytes=500000-' } });
        assert.equal(answer.status(), 206);
        assert.equal(answer.headers()['content-range'], `bytes 500000-${tides.length - 1}/${tides.length}`);
        assert.ok(tides.subarray(500000).equals(await answer.body()));
      });

      it('redirects and error pages arrive', async () => {
        const redirected = await visitor.open('/lettre');
        assert.equal(redirected.status(), 200);
        assert.match(page.url(), /\/articles\/$/);
        const missing = await visitor.open('/introuvable');
        assert.equal(missing.status(), 404);
        assert.match(await page.locator('h1').textContent(), /marée/);
      });

      it('what scripts fetch arrives unchanged', async () => {
        const answer = await visitor.context.request.get(`${gateway.origin}/api/articles.json`);
        const articles = await readFile(join(repository, 'tests/site/api/articles.json'));
        assert.ok(articles.equals(await answer.body()));
        if (!javaScriptEnabled) return;
        await visitor.open('/');
        await page.locator('#latest li').nth(2).waitFor();
      });
    });
  }
}
