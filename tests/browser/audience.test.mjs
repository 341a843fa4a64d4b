// What Matomo and Piano Analytics are told that run on the site's own address: nothing holds them back,
// so they have to hold themselves. The guard would refuse their cookies and note it: it never has to.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startSite } from './audience/site.mjs';
import { startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
let site;
before(async () => {
  site = await startSite();
  gateway = await startGateway(site.port);
  browser = await launch();
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  await site?.stop();
});

let visitor;
let errors;
const visit = async (options) => {
  visitor = await newVisitor(browser, gateway.origin, options);
  errors = [];
  visitor.page.on('pageerror', (error) => errors.push(error.message));
};
beforeEach(() => visit());
afterEach(async () => {
  assert.deepEqual(errors, []);
  await visitor.close();
});

const ask = (question) => visitor.page.evaluate(question);
const held = () => ask(() => document.documentElement.dataset.held ?? '');

// open returns what was measured by loading a page.
const open = async (path) => {
  site.measured.length = 0;
  await visitor.open(path);
  return site.measured.splice(0);
};

// answer answers the question where it is asked: these pages lack nothing that would have to be loaded
// anew. It returns what was measured by that.
const answer = async (choice) => {
  site.measured.length = 0;
  await ask(() => { window.stayed = true; });
  await visitor.button(choice).click();
  await visitor.banner.waitFor({ state: 'hidden' });
  assert.equal(await ask(() => window.stayed), true);
  return site.measured.splice(0);
};

const tracked = (cookies, more) => ({ idsite: '1', kind: 'pageview', cookies: String(cookies), ...more });
const commands = () => ask(() => Matomo.getAsyncTrackers().map((tracker) => tracker.commands));
const audience = ['_pcid', '_pk_id.1.1fff', '_pprv'];

describe('Matomo', () => {
  it('is told before its first command that nobody agreed', async () => {
    assert.deepEqual(await open('/matomo'), [tracked(false)]);
    const [[first, ...rest]] = await commands();
    assert.equal(first, 'forgetCookieConsentGiven');
    assert.deepEqual(rest, ['setTrackerUrl', 'setSiteId', 'enableLinkTracking', 'trackPageView', 'forgetCookieConsentGiven']);
    assert.deepEqual(await visitor.names(), []);
    assert.equal(await held(), '');
  });

  it('is told of a refusal where it is made, and later', async () => {
    await open('/matomo');
    assert.deepEqual(await answer('refuse'), []);
    assert.equal((await commands())[0].at(-1), 'forgetCookieConsentGiven');
    assert.deepEqual(await open('/matomo'), [tracked(false)]);
    assert.deepEqual(await visitor.consentBound(), []);
  });

  it('is told of an agreement where it is made, and later', async () => {
    await open('/matomo');
    assert.deepEqual(await answer('accept'), [tracked(true, { kind: 'ping' })]);
    assert.deepEqual(await open('/matomo'), [tracked(true)]);
    assert.deepEqual(await visitor.consentBound(), ['_pk_id.1.1fff']);
  });

  it('is told of an agreement to statistics alone, and not of one to all else', async () => {
    await visitor.prefer('statistics');
    assert.deepEqual(await open('/matomo'), [tracked(true)]);
    assert.equal((await commands())[0][0], 'setConsentGiven');
    await visitor.prefer('functional', 'marketing');
    assert.deepEqual(await open('/matomo'), [tracked(false)]);
    assert.deepEqual(await visitor.consentBound(), []);
  });

  it('is told that an agreement was withdrawn', async () => {
    await open('/matomo');
    await answer('accept');
    await visitor.withdraw();
    assert.deepEqual(await open('/matomo'), [tracked(false)]);
    assert.deepEqual(await visitor.consentBound(), []);
    assert.equal(await held(), '');
  });

  it('of a site that waits for consent itself sends what waited once it is given', async () => {
    assert.deepEqual(await open('/matomo/consent'), []);
    assert.deepEqual(await answer('accept'), [tracked(false), tracked(true, { kind: 'ping' })]);
    assert.deepEqual(await open('/matomo/consent'), [tracked(false), tracked(true, { kind: 'ping' })]);
    await visitor.withdraw();
    assert.deepEqual(await open('/matomo/consent'), []);
  });

  it('of a site that waits for consent to cookies has them once it is given', async () => {
    assert.deepEqual(await open('/matomo/cookie-consent'), [tracked(false)]);
    await answer('accept');
    await open('/matomo/cookie-consent');
    assert.deepEqual(await visitor.consentBound(), ['_pk_id.1.1fff']);
  });

  it('is told by each of its trackers', async () => {
    assert.deepEqual((await open('/matomo/two')).map(({ idsite, cookies }) => [idsite, cookies]), [['1', 'false'], ['2', 'false']]);
    assert.deepEqual((await answer('accept')).map(({ idsite, cookies }) => [idsite, cookies]), [['1', 'true'], ['2', 'true']]);
  });

  it('is told when it comes after the choice', async () => {
    await open('/matomo/late');
    await answer('refuse');
    await visitor.page.waitForFunction(() => window.Matomo);
    assert.equal((await commands())[0][0], 'forgetCookieConsentGiven');
    await visitor.close();
    await visit();
    await open('/matomo/late');
    site.measured.length = 0;
    await answer('accept');
    await visitor.page.waitForFunction(() => window.Matomo);
    assert.equal((await commands())[0].at(-1), 'setConsentGiven');
  });

  it('has no tracker that the page does not ask for', async () => {
    assert.deepEqual(await open('/matomo/container'), [tracked(false, { idsite: '3' })]);
    assert.equal((await commands()).length, 1);
  });

  it('is not told by an agreement of those who opted out there', async () => {
    await visitor.prefer('statistics');
    await open('/matomo');
    await ask(() => Matomo.getAsyncTrackers().forEach((tracker) => tracker.forgetConsentGiven()));
    assert.deepEqual(await open('/matomo'), []);
    assert.ok((await visitor.names()).includes('mtm_consent_removed'));
  });
});

const displayed = (mode) => ({ s: '123456789', name: 'page.display', mode, cookies: String(mode !== 'opt-out') });

describe('Piano Analytics', () => {
  it('finds before its first event that nobody agreed', async () => {
    assert.deepEqual(await open('/piano'), [displayed('opt-out')]);
    assert.deepEqual(await visitor.names(), []);
    assert.equal(await held(), '');
  });

  it('is told of a refusal where it is made, and later', async () => {
    await open('/piano');
    await answer('refuse');
    assert.equal(await ask(() => pa.modes.at(-1)), 'opt-out');
    assert.deepEqual(await open('/piano'), [displayed('opt-out')]);
    assert.deepEqual(await visitor.consentBound(), []);
  });

  it('is told of an agreement where it is made, and later', async () => {
    await open('/piano');
    await answer('accept');
    assert.equal(await ask(() => pa.consent.getMode()), 'opt-in');
    assert.deepEqual(await open('/piano'), [displayed('opt-in')]);
    assert.ok((await visitor.consentBound()).includes('_pcid'));
  });

  it('is told of an agreement to statistics alone, and not of one to all else', async () => {
    await visitor.prefer('statistics');
    assert.deepEqual(await open('/piano'), [displayed('opt-in')]);
    await visitor.prefer('functional', 'marketing');
    assert.deepEqual(await open('/piano'), [displayed('opt-out')]);
    assert.deepEqual(await visitor.consentBound(), []);
  });

  it('is told that an agreement was withdrawn', async () => {
    await open('/piano');
    await answer('accept');
    await visitor.withdraw();
    assert.deepEqual(await open('/piano'), [displayed('opt-out')]);
    assert.deepEqual(await visitor.consentBound(), []);
  });

  it('of a site that says nothing of those who have not chosen does not measure them as if they agreed', async () => {
    await open('/piano/first');
    assert.equal(await ask(() => pa.consent.getMode()), 'opt-out');
    assert.deepEqual(await visitor.consentBound(), []);
  });

  it('of a site exempt from consent is so until the visitor chooses', async () => {
    assert.deepEqual((await open('/piano/exempt')).map(({ mode }) => mode), ['essential']);
    assert.deepEqual(await visitor.consentBound(), []);
    await visitor.prefer('statistics');
    await open('/piano/exempt');
    assert.equal(await ask(() => pa.consent.getMode()), 'opt-in');
    assert.deepEqual(await open('/piano/exempt'), [displayed('opt-in')]);
  });
});

for (const signal of ['Sec-GPC', 'DNT']) {
  it(`a browser that sends ${signal}: 1 has not agreed`, async () => {
    await visitor.close();
    await visit({ extraHTTPHeaders: { [signal]: '1' } });
    assert.deepEqual(await open('/matomo'), [tracked(false)]);
    assert.deepEqual(await open('/piano'), [displayed('opt-out')]);
    assert.deepEqual((await visitor.names()).filter((name) => audience.includes(name)), []);
  });
}
