// Pictures for a person to look at: what no assertion can judge.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { desktop, launch, newVisitor, phone } from './visitor.mjs';

const folder = process.env.PRIVACY_SCREENSHOTS ?? join(tmpdir(), 'privacy-screenshots');

let browser;
let gateway;
before(async () => {
  await mkdir(folder, { recursive: true });
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

const sizes = { phone, desktop, narrow: { width: 320, height: 640 } };

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries(sizes)) {
    it(`the question and the privacy page, ${size}, ${colorScheme}, in ${folder}`, async () => {
      const visitor = await newVisitor(browser, gateway.origin, { colorScheme, viewport });
      const picture = async (name, fullPage) => {
        const path = join(folder, `${name}-${size}-${colorScheme}.png`);
        await visitor.page.screenshot({ path, fullPage });
        assert.ok((await stat(path)).size > 5000, `${path} is blank`);
      };
      await visitor.open('/');
      await visitor.banner.waitFor({ state: 'visible' });
      await picture('question', false);
      await visitor.open('/.privacy/');
      await picture('privacy-page', true);
      await visitor.prefer('statistics');
      await visitor.open('/.privacy/');
      await picture('privacy-page-chosen', true);
      await visitor.open('/');
      await picture('after-choice', true);
      await visitor.close();
    });
  }
}
