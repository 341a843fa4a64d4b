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

for (const signal of ['Sec-GPC', 'DNT']) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`a browser that sends ${signal}: 1, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
      let visitor;
      beforeEach(async () => {
        visitor = await newVisitor(browser, gateway.origin, {
          javaScriptEnabled, extraHTTPHeaders: { [signal]: '1' },
        });
        gateway.recorder.forget();
      });
      afterEach(() => visitor.close());

      it('is not asked', async () => {
        await visitor.open('/articles/phare');
        assert.equal(await visitor.banner.isVisible(), false);
      });

      it('is given nothing that needs consent, and nothing of ours', async () => {
        await visitor.walk();
        await visitor.walk();
        assert.deepEqual(await visitor.consentBound(), []);
        assert.deepEqual(await visitor.lasting(), []);
        assert.deepEqual(await visitor.ours(), []);
      });

      it('is told that it was heard', async () => {
        await visitor.open('/.privacy/');
        assert.match(await visitor.page.locator('body').innerText(), /Global Privacy Control/);
      });

      it('is passed on to the site as a refusal', async () => {
        await visitor.open('/');
        assert.equal(gateway.recorder.seen[0].headers['sec-gpc'], '1');
      });
    });
  }
}

it('the site declares that it honours the signal', async () => {
  const answer = await fetch(`${gateway.origin}/.well-known/gpc.json`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.equal((await answer.json()).gpc, true);
});
