// What is sent without a proof is not lost: the page between goes on by
// itself, or asks who has no scripts.
import assert from 'node:assert/strict';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startWorld } from './forms/world.mjs';
import { desktop, phone } from './visitor.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = process.env.PRIVACY_SCREENSHOTS ?? join(tmpdir(), 'privacy-screenshots');

let world;
let visitor;
let page;
before(async () => {
  await mkdir(folder, { recursive: true });
  world = await startWorld();
});
after(() => world?.stop());
beforeEach(() => world.set());
afterEach(() => visitor?.close());

const meet = async (options) => {
  visitor = await world.newVisitor(options);
  ({ page } = visitor);
};
const bodies = () => world.site.posted.map(({ body }) => body);
const verdicts = async () => (await world.seen()).map(({ Verdict }) => Verdict);
const thanks = () => page.locator('#thanks').waitFor();

// unproved fills in a form whose script does not come.
async function unproved(path = '/contact-us') {
  await page.route('**/.privacy/forms.js*', (route) => route.abort(), { times: 1 });
  await page.goto(world.origin + path);
  await page.locator('[name=name]').fill('Ann & Bob');
  await page.locator('[name=text]').fill('Été\nsecret');
}

// words are the numbers a question names, in the language of the visitor.
const words = JSON.parse(await readFile(new URL('../../internal/ui/messages/fr.json', import.meta.url)));
const sum = async () => {
  const question = await page.locator('label').textContent();
  return Object.entries(words).filter(([key]) => key.startsWith('number.'))
    .reduce((all, [key, word]) => all + (question.split(/[\s?]/).filter((part) => part === word).length * key.slice(7)), 0);
};

describe('with scripts', () => {
  it('goes on by itself, and the site gets what was sent first, byte for byte', async () => {
    await meet();
    await unproved();
    await page.locator('#send').click();
    await thanks();
    assert.deepEqual(bodies(), ['name=Ann+%26+Bob&text=%C3%89t%C3%A9%0D%0Asecret&do=send']);
    assert.deepEqual(await verdicts(), ['', 'work']);
    const [{ headers, path }] = world.site.posted;
    assert.equal(headers.referer, `${world.origin}/contact-us`);
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
    assert.equal(path, '/contact');
    assert.equal(new URL(page.url()).pathname, '/contact');
  });

  it('keeps files, and nothing in the page tells what was typed', async () => {
    await meet();
    await world.set({ Away: true });
    await page.goto(`${world.origin}/upload`);
    await page.locator('[name=text]').fill('secret');
    await page.locator('[name=file]').setInputFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255, 13, 10, 45, 45]) });
    await page.locator('#send').click();
    await page.locator('#answer').waitFor({ state: 'attached' });
    assert.doesNotMatch(await page.content(), /secret|a\.bin/);
    await page.locator('#answer').waitFor({ state: 'visible' });
    await page.locator('#answer').fill(String(await sum()));
    await page.locator('button').click();
    await thanks();
    assert.match(bodies()[0], /filename="a.bin"\r\nContent-Type: application\/octet-stream\r\n\r\n\0\xff\r\n--\r\n--/);
  });

  it('stays where no proof is to be had, and takes an answer', async () => {
    await meet();
    await world.set({ Away: true });
    await unproved();
    await page.locator('#send').click();
    await page.locator('#answer').waitFor({ state: 'visible' });
    await pause(500);
    assert.equal((await world.seen()).length, 1, 'it went on without a proof');
    await page.locator('#answer').fill(String(await sum()));
    await page.locator('button').click();
    await thanks();
    assert.equal(bodies().length, 1);
  });

  it('sends a form that is too large back to the visitor', async () => {
    await meet();
    await unproved();
    await page.locator('[name=text]').fill('x'.repeat(70_000));
    await page.locator('#send').click();
    await page.getByRole('heading', { name: words['stop.title'] }).waitFor();
    await page.goBack();
    assert.equal((await page.locator('[name=text]').inputValue()).length, 70_000);
  });

  it('does not make a form of another site one of this', async () => {
    await meet();
    await page.goto(`${world.provider.origin}/`);
    await page.setContent(`<form action="${world.origin}/contact" method="post"><input name="name" value="x"><button id="send">Send</button></form>`);
    await page.locator('#send').click();
    await page.getByText(words['stop.foreign']).waitFor();
    assert.deepEqual(bodies(), []);
  });
});

describe('without scripts', () => {
  beforeEach(() => meet({ javaScriptEnabled: false }));

  it('asks after some seconds, and the site gets what was sent first', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await page.locator('[name=name]').fill('Ann');
    await page.locator('#send').click();
    assert.ok(!await page.locator('#answer').isVisible(), 'it can be answered at once');
    await page.locator('#answer').waitFor({ state: 'visible' });
    await page.locator('#answer').fill(`${await sum()} `);
    await page.keyboard.press('Enter');
    await thanks();
    assert.deepEqual(bodies(), ['name=Ann&text=&do=send']);
    assert.deepEqual(await verdicts(), ['', '']);
  });

  it(`looks as it should, in ${folder}`, async () => {
    await page.goto(`${world.origin}/contact-us`);
    await page.locator('#send').click();
    await page.locator('#answer').waitFor({ state: 'visible' });
    assert.ok(!await page.locator('.working').isVisible(), 'it says that it goes on by itself');
    await page.screenshot({ path: join(folder, 'step-without-scripts.png') });
  });

  it('takes neither a wrong answer nor one that comes too soon, and loses nothing', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await page.locator('[name=name]').fill('Ann');
    await page.locator('#send').click();
    await page.locator('#answer').evaluate((field) => field.form.submit());
    await page.getByRole('alert').filter({ hasText: words['step.early'] }).waitFor();
    await page.locator('#answer').waitFor({ state: 'visible' });
    await page.locator('#answer').fill('3');
    await page.locator('button').click();
    await page.getByRole('alert').filter({ hasText: words['step.wrong'] }).waitFor();
    assert.deepEqual(bodies(), []);
    await page.locator('#answer').waitFor({ state: 'visible' });
    await page.locator('#answer').fill(String(await sum()));
    await page.locator('button').click();
    await thanks();
    assert.deepEqual(bodies(), ['name=Ann&text=&do=send']);
  });
});

async function violations() {
  await page.evaluate(axe); // not as an element, which the policy would stop
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document);
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries({ phone, desktop, narrow: { width: 320, height: 640 } })) {
    it(`no axe violation, ${colorScheme}, ${size}; pictures in ${folder}`, async () => {
      await meet({ colorScheme, viewport });
      const picture = async (name) => {
        const path = join(folder, `${name}-${size}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
        assert.ok((await stat(path)).size > 3000, `${path} is blank`);
      };
      await world.set({ Provider: 'recaptcha-v3', Base: world.provider.origin });
      await page.goto(`${world.origin}/contact-us`);
      await page.locator('[name=name]').fill('Ann');
      assert.deepEqual(await violations(), []);
      await picture('form');
      await world.set({ Slow: 20_000 });
      await unproved();
      await page.locator('#send').click();
      await page.locator('.working').waitFor();
      assert.deepEqual(await violations(), []);
      await picture('step');
      await page.locator('#answer').waitFor({ state: 'visible' });
      assert.deepEqual(await violations(), []);
      await picture('step-question');
      await page.locator('#answer').fill('3');
      await page.locator('button').click();
      await page.getByRole('alert').waitFor();
      await page.locator('#answer').waitFor({ state: 'visible' });
      assert.deepEqual(await violations(), []);
      await picture('step-wrong');
      await unproved();
      await page.locator('[name=text]').fill('x'.repeat(70_000));
      await page.locator('#send').click();
      await page.getByRole('heading', { name: words['stop.title'] }).waitFor();
      assert.deepEqual(await violations(), []);
      await picture('stop');
    });
  }
}
