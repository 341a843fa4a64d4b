// What is inserted disturbs nothing: neither what lies on a page, nor a page
// whose policy forbids whatever it does not name.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { site } from './farm.mjs';
import { quiet } from './farm/journey.mjs';
import { newWorld, none } from './farm/world.mjs';

const world = newWorld();

it('nothing on the page moves before a choice', async () => {
  const visitor = await world.guarded();
  await visitor.open('/');
  await quiet();
  const shift = await visitor.page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
      .observe({ type: 'layout-shift', buffered: true });
    setTimeout(resolve, 1000, 0); // an observer is not called for nothing
  }));
  await visitor.close();
  assert.equal(shift, 0);
});

describe('a page as strict as they come', () => {
  let visitor;
  let page;
  let contacted;
  before(async () => {
    visitor = await world.guarded();
    ({ page } = visitor);
    world.farm.forget();
    await visitor.open('/strict');
    await quiet();
    contacted = world.farm.contacted();
  });
  after(() => visitor?.close());

  it('contacts two others without the gateway', async () => {
    const other = await world.bare();
    world.farm.forget();
    await other.open('/strict');
    await quiet();
    const found = world.farm.contacted();
    await other.close();
    assert.deepEqual(found, ['more.strict-third.test', 'tags.strict-third.test']);
  });

  const marks = () => page.evaluate(() => ({ ...document.documentElement.dataset }));

  it('runs what its policy allows, and only that', async () => {
    const { withNonce, withoutNonce, plainText } = await marks();
    assert.deepEqual({ withNonce, withoutNonce, plainText }, { withNonce: 'ran', withoutNonce: undefined, plainText: 'refused' });
  });

  it('shows the question as it should look', async () => {
    await visitor.banner.waitFor({ state: 'visible' });
    assert.equal(await page.locator('h1').evaluate((heading) => getComputedStyle(heading).color), 'rgb(0, 64, 0)');
    const fixed = await visitor.banner.evaluate((form) => {
      for (let element = form; element; element = element.parentElement) {
        if (['fixed', 'sticky'].includes(getComputedStyle(element).position)) return true;
      }
      return false;
    });
    assert.ok(fixed, 'the style of the question was refused');
  });

  it('guards its cookies', async () => {
    await page.evaluate(() => { document.cookie = '_ga=GA1.1.1.1; path=/; max-age=63072000'; });
    none((await visitor.context.cookies(site)).map(({ name }) => name).filter((name) => name === '_ga'));
  });

  it('contacts nobody', () => none(contacted));

  it('is refused without a navigation', async () => {
    await page.evaluate(() => { window.sameDocument = true; });
    await visitor.refuse();
    assert.ok(await page.evaluate(() => window.sameDocument));
  });

  it('loads what it wants after accepting', async () => {
    const other = await world.guarded();
    await other.open('/strict');
    world.farm.forget();
    await other.accept();
    await quiet();
    const found = world.farm.contacted();
    await other.close();
    assert.deepEqual(found, ['more.strict-third.test', 'tags.strict-third.test']);
  });
});
