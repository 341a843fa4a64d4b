import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { desktop, launch, newVisitor, phone } from './visitor.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

// violations audits what the visitor sees. Embedded frames are other people's.
async function violations({ page }) {
  await page.evaluate(axe); // not as an element, which a strict policy would stop
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { iframes: false });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

const pages = ['/', '/articles/phare', '/articles/en-images', '/articles/lighthouse', '/compte/connexion', '/introuvable'];

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries({ phone, desktop })) {
    describe(`no axe violation, ${colorScheme}, ${size}`, () => {
      let visitor;
      before(async () => { visitor = await newVisitor(browser, gateway.origin, { colorScheme, viewport }); });
      after(() => visitor?.close());

      for (const path of pages) {
        it(`while the question is asked on ${path}`, async () => {
          await visitor.open(path);
          await visitor.banner.waitFor({ state: 'visible' });
          assert.deepEqual(await violations(visitor), []);
        });
      }

      it('on the preferences page before a choice', async () => {
        await visitor.open('/.privacy/');
        assert.deepEqual(await violations(visitor), []);
      });

      it('after a refusal', async () => {
        await visitor.open('/articles/phare');
        await visitor.refuse();
        assert.deepEqual(await violations(visitor), []);
        await visitor.open('/.privacy/');
        assert.deepEqual(await violations(visitor), []);
      });

      it('after accepting', async () => {
        await visitor.prefer('functional', 'statistics', 'marketing');
        assert.deepEqual(await violations(visitor), []);
        await visitor.open('/articles/phare');
        assert.deepEqual(await violations(visitor), []);
      });
    });
  }
}
