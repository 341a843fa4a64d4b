import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startGateway } from './gateway.mjs';
import { isOurs } from './purposes.mjs';
import { launch, newVisitor } from './visitor.mjs';

const thirteenMonths = 393; // days, the fewest that thirteen calendar months have

let browser;
let gateway;
let visitor;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));
beforeEach(async () => {
  visitor = await newVisitor(browser, gateway.origin);
  await visitor.open('/');
});
afterEach(() => visitor.close());

const states = {
  'before a choice': async () => {},
  'after a refusal': () => visitor.refuse(),
  'after accepting': () => visitor.accept(),
  'with statistics only': () => visitor.prefer('statistics'),
  'after a withdrawal': async () => {
    await visitor.accept();
    await visitor.withdraw();
  },
};

const tooLong = async () => (await visitor.jar())
  .filter(({ days }) => days > thirteenMonths)
  .map(({ name, days }) => `${name}: ${days.toFixed(1)} days`);

describe('no cookie has more than 393 days left', () => {
  for (const [state, reach] of Object.entries(states)) {
    it(`${state}, on page after page`, async () => {
      await reach();
      for (const path of ['/', '/articles/phare', '/lettre', '/introuvable', '/recu', '/.privacy/']) {
        await visitor.open(path);
        assert.deepEqual(await tooLong(), [], path);
      }
    });

    it(`${state}, once remembered by a login`, async () => {
      await reach();
      await visitor.open('/compte/connexion');
      const { page } = visitor;
      await page.locator('#name').fill('Maëlle');
      await page.locator('#password').fill('secret');
      await page.locator('#remember').check();
      await page.locator('#password').press('Enter');
      await page.waitForURL('**/compte/');
      const remembered = (await visitor.jar()).find(({ name }) => name.startsWith('remember_web_'));
      assert.ok(remembered?.days > 300, 'a necessary cookie lost its lifetime');
      assert.deepEqual(await tooLong(), []);
    });
  }

  it('when a script asks for ten years in every way there is', async () => {
    await visitor.accept();
    await visitor.page.evaluate(async () => {
      const later = Date.now() + 10 * 365 * 864e5;
      document.cookie = `_ga=1; path=/; expires=${new Date(later).toUTCString()}`;
      document.cookie = `_fbp=1; path=/; max-age=315360000; expires=${new Date(0).toUTCString()}`;
      document.cookie = '_gid=1; path=/; MAX-AGE = 315360000 ';
      document.cookie = 'theme=dark; path=/; max-age=1; max-age=315360000';
      document.cookie = 'compare_list=1; path=/; expires=Fri, 31-Dec-99 23:59:59 GMT; max-age=999999999';
      await cookieStore.set({ name: '_uetvid', value: '1', expires: later });
    });
    await visitor.settle();
    assert.ok((await visitor.lasting()).length >= 5);
    assert.deepEqual(await tooLong(), []);
  });
});

describe('the end is fixed by the first deposit', () => {
  const ends = async () => new Map((await visitor.jar())
    .filter(({ expires }) => expires > 0)
    .map(({ name, expires }) => [name, expires]));

  it('and visits never move it', async () => {
    const accepted = Date.now() / 1000;
    await visitor.accept();
    const bound = accepted + thirteenMonths * 86400;
    const first = await ends();
    await pause(3000);
    for (const path of ['/', '/articles/phare', '/']) await visitor.open(path);
    const last = await ends();
    for (const name of ['_ga', '_ttp', 'FPID', 'reader_id', 'cto_bundle', ...await visitor.ours()]) {
      assert.ok(last.get(name) <= first.get(name) + 1, `${name} was prolonged`);
      assert.ok(last.get(name) <= bound + 2, `${name} outlives the choice`);
    }
  });

  it('and editing the choice never moves it', async () => {
    await visitor.accept();
    const first = await ends();
    await pause(3000);
    await visitor.prefer('statistics');
    await visitor.open('/');
    const last = await ends();
    for (const name of ['_ga', 'FPID', ...await visitor.ours()]) {
      assert.ok(last.get(name) <= first.get(name) + 1, `${name} was prolonged`);
    }
  });

  it('and withdrawing and accepting again never moves it', async () => {
    await visitor.accept();
    const first = await ends();
    await pause(3000);
    await visitor.withdraw();
    await visitor.prefer('functional', 'statistics', 'marketing');
    await visitor.open('/');
    const last = await ends();
    for (const name of await visitor.ours()) {
      assert.ok(last.get(name) <= first.get(name) + 1, `${name} was prolonged`);
    }
    assert.ok(last.get('_ga') <= first.get('_ga') + 1, '_ga was prolonged');
  });

  it('and a shorter life that was asked for is kept', async () => {
    await visitor.accept();
    const left = new Map((await visitor.jar()).map(({ name, days }) => [name, days]));
    assert.ok(left.get('_gid') <= 1 && left.get('_gid') > 0.9);
    assert.ok(left.get('_fbp') <= 90 && left.get('_fbp') > 89);
    assert.equal(left.get('PHPSESSID'), null);
    assert.ok((await visitor.jar()).some(({ name }) => isOurs(name)));
  });
});
