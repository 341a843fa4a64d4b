import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { desktop, launch, newVisitor, phone } from './visitor.mjs';

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

// arriving runs a test with a visitor who has just opened a page.
async function arriving(options, path, test) {
  const visitor = await newVisitor(browser, gateway.origin, options);
  try {
    await visitor.open(path);
    await visitor.banner.waitFor({ state: 'visible' });
    await test(visitor);
  } finally {
    await visitor.close();
  }
}

const narrow = { width: 320, height: 640 };
const sizes = { desktop, phone, narrow };

// Everything that could give one of the two answers more weight.
const weighty = [
  'fontFamily', 'fontSize', 'fontWeight', 'fontStyle', 'letterSpacing', 'textTransform',
  'textDecorationLine', 'lineHeight', 'color', 'backgroundColor', 'backgroundImage', 'opacity',
  'filter', 'transform', 'boxShadow', 'cursor', 'visibility', 'animationName', 'height',
  'paddingTop', 'paddingRight', 'paddingBottom', 'paddingLeft',
  'borderTopWidth', 'borderTopStyle', 'borderTopColor', 'borderTopLeftRadius',
];

const styleOf = (button) => button.evaluate((element, properties) => {
  const style = getComputedStyle(element);
  return Object.fromEntries(properties.map((property) => [property, style[property]]));
}, weighty);

describe('refusing is as easy as accepting', () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries(sizes)) {
      it(`to see: the same styles and size, ${colorScheme}, ${size}`, () => arriving(
        { colorScheme, viewport }, '/', async (visitor) => {
          const [refuse, accept] = [visitor.button('refuse'), visitor.button('accept')];
          assert.deepEqual(await styleOf(refuse), await styleOf(accept));
          const [left, right] = [await refuse.boundingBox(), await accept.boundingBox()];
          assert.ok(Math.abs(left.height - right.height) < 1);
          assert.ok(left.width >= right.width * 0.8, `${left.width} beside ${right.width}`);
          for (const box of [left, right]) {
            assert.ok(box.width >= 44 && box.height >= 44, 'smaller than a finger');
            assert.ok(box.x >= 0 && box.x + box.width <= viewport.width, 'cut off at the side');
            assert.ok(box.y >= 0 && box.y + box.height <= viewport.height, 'not seen at once');
          }
        }));
    }
  }

  it('to reach: neighbours in the order of tabs, refusal first', () => arriving({}, '/', async (visitor) => {
    const order = await visitor.page.evaluate(() => [...document.querySelectorAll(
      'a[href], button, input, select, textarea, summary, [tabindex]')]
      .filter((element) => element.tabIndex >= 0 && element.checkVisibility())
      .map((element) => (element.name === 'choice' ? element.value : '')));
    assert.equal(order.indexOf('accept') - order.indexOf('refuse'), 1);
    for (const choice of ['refuse', 'accept']) {
      assert.ok(await visitor.button(choice).evaluate((button) => button.tabIndex === 0));
    }
  }));

  for (const [choice, key] of [['refuse', 'Enter'], ['accept', 'Space'], ['refuse', 'Space'], ['accept', 'Enter']]) {
    it(`by keyboard alone: ${choice} with ${key}, and the focus is seen`, () => arriving({}, '/', async (visitor) => {
      const { page } = visitor;
      const button = visitor.button(choice);
      const focused = () => button.evaluate((element) => element === document.activeElement);
      const calm = await button.evaluate((element) => getComputedStyle(element).outline);
      for (let presses = 0; presses < 60 && !await focused(); presses++) await page.keyboard.press('Tab');
      assert.ok(await focused(), 'the key Tab never reaches it');
      assert.notEqual(await button.evaluate((element) => getComputedStyle(element).outline), calm);
      await page.keyboard.press(key);
      await visitor.banner.waitFor({ state: 'hidden' });
      await visitor.settle();
      await visitor.open('/articles/dunes');
      assert.equal(await visitor.banner.isVisible(), false);
      assert.equal((await visitor.consentBound()).length > 0, choice === 'accept');
    }));
  }

  it('in words: both answers and the question are in the language of the reader', async () => {
    const said = {};
    for (const locale of ['fr-FR', 'en-GB', 'de-DE']) {
      await arriving({ locale }, locale === 'en-GB' ? '/articles/lighthouse' : '/', async (visitor) => {
        const language = await visitor.banner.evaluate((form) => form.closest('[lang]').lang);
        said[locale] = [language.slice(0, 2), await visitor.button('refuse').textContent()];
      });
    }
    assert.deepEqual([said['fr-FR'][0], said['fr-FR'][1].trim()], ['fr', 'Tout refuser']);
    assert.deepEqual([said['en-GB'][0], said['en-GB'][1].trim()], ['en', 'Reject all']);
    // A German reader of a French page is answered in one of the two, and its label says which.
    assert.ok(['de', 'fr'].includes(said['de-DE'][0]));
  });
});

describe('the question does not get in the way', () => {
  for (const [size, viewport] of Object.entries(sizes)) {
    it(`nothing on the page moves, ${size}`, () => arriving({ viewport }, '/articles/phare', async (visitor) => {
      const shift = () => visitor.page.evaluate(() => new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries()
          .reduce((sum, entry) => sum + entry.value, 0)))
          .observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(0), 500);
      }));
      assert.equal(await shift(), 0);
      const before = await visitor.page.locator('h1').boundingBox();
      await visitor.refuse();
      assert.deepEqual(await visitor.page.locator('h1').boundingBox(), before);
      assert.equal(await shift(), 0);
    }));
  }

  it('nothing scrolls sideways at 320 pixels, on the page or in the question', () => arriving(
    { viewport: narrow }, '/', async (visitor) => {
      for (const path of ['/', '/.privacy/']) {
        await visitor.open(path);
        assert.equal(await visitor.page.evaluate(() => document.documentElement.scrollWidth), 320, path);
      }
      await visitor.open('/');
      assert.ok(await visitor.banner.evaluate((form) => form.scrollWidth <= form.clientWidth + 1));
    }));

  it('what has the keyboard focus is never hidden behind it', () => arriving(
    { viewport: phone }, '/contact', async (visitor) => {
      const { page } = visitor;
      const hidden = [];
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press('Tab');
        const covered = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === document.body) return null;
          const { left, right, top, bottom } = element.getBoundingClientRect();
          const seen = [.1, .5, .9].some((part) => {
            const found = document.elementFromPoint(
              left + (right - left) * part, top + (bottom - top) * part);
            return found && (element.contains(found) || found.contains(element));
          });
          return seen ? null : element.outerHTML.slice(0, 80);
        });
        if (covered) hidden.push(covered);
      }
      assert.deepEqual(hidden, []);
    }));

  it('the site scrolls and answers behind it', () => arriving({ viewport: phone }, '/', async ({ page }) => {
    await page.evaluate(() => scrollTo(0, 300));
    assert.equal(await page.evaluate(() => scrollY), 300);
    assert.equal(await page.evaluate(() => document.querySelector('main').closest('[inert], [aria-hidden="true"]')), null);
  }));
});

describe('the way back', () => {
  const answers = {
    'before a choice': async () => {},
    'after a refusal': (visitor) => visitor.refuse(),
    'after accepting': (visitor) => visitor.accept(),
  };
  for (const [state, answer] of Object.entries(answers)) {
    it(`is on every page ${state}`, () => arriving({}, '/', async (visitor) => {
      await answer(visitor);
      for (const path of ['/', '/articles/phare', '/articles/lighthouse', '/compte/connexion', '/introuvable']) {
        await visitor.open(path);
        const link = visitor.page.locator('a[href^="/.privacy/"]:visible, form[action="/.privacy/"] button:visible').last();
        await link.waitFor();
        assert.ok((await link.innerText()).trim().length > 3, path);
      }
    }));
  }

  it('leads to the choice that was made', () => arriving({}, '/', async (visitor) => {
    await visitor.refuse();
    await visitor.page.locator('a[href^="/.privacy/"]:visible').last().click();
    await visitor.page.waitForURL('**/.privacy/**');
    for (const choice of ['refuse', 'accept', 'save']) {
      assert.ok(await visitor.button(choice).isVisible(), choice);
    }
  }));
});
