// Protected forms in a browser: each is sent once, by a person who has done
// nothing for it, and the site gets what it would have got without a gateway.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { repository } from './gateway.mjs';
import { policies } from './forms/site.mjs';
import { startWorld } from './forms/world.mjs';

let world;
let visitor;
let page;
before(async () => { world = await startWorld(); });
after(() => world?.stop());
beforeEach(async () => {
  await world.set();
  visitor = await world.newVisitor();
  ({ page } = visitor);
});
afterEach(() => visitor.close());

const { stringify } = JSON;
const posted = () => world.site.posted;
const verdicts = async () => (await world.seen()).map(({ Verdict }) => Verdict);
const bodies = () => posted().map(({ body }) => body);

// fill types into the contact form as a person does.
async function fill(name = 'Ann', text = 'Hello') {
  await page.locator('[name=name]').click();
  await page.keyboard.type(name);
  await page.locator('[name=text]').fill(text);
}

const thanks = () => page.locator('#thanks').waitFor();
const send = async () => {
  await page.locator('#send').click();
  await thanks();
};

it('the script that is sent is made from that to be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scripts-'));
  const made = join(folder, 'made.js');
  const source = join(repository, 'internal/captcha/client/forms');
  await promisify(execFile)('npm', ['run', 'minify', '--', `${source}.js`, '--output', made], { cwd: join(repository, 'tests/browser') });
  assert.equal(await readFile(`${source}.min.js`, 'utf8'), await readFile(made, 'utf8'), 'forms.js was changed: run go generate ./internal/captcha/client');
  await rm(folder, { recursive: true });
});

describe('a form of the page', () => {
  it('is sent once, with what was typed and the button that was pressed, and nothing else', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await send();
    assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=send']);
    assert.deepEqual(await verdicts(), ['work']);
    assert.equal(posted()[0].headers['content-length'], '27');
    assert.equal(posted()[0].headers['privacy-captcha'], undefined);
  });

  it('is sent by the other button, and by the key', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await page.locator('[value=preview]').click();
    await thanks();
    await page.goto(`${world.origin}/login`);
    await page.locator('[name=user]').click();
    await page.keyboard.type('ann');
    await page.keyboard.press('Tab');
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');
    await thanks();
    assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=preview', 'user=ann&password=secret']);
    assert.deepEqual(await verdicts(), ['work', 'work']);
  });

  it('waits for its proof, and says so', async () => {
    await world.set({ Slow: 1500 });
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await page.locator('#send').click();
    const status = page.locator('[role=status]');
    assert.equal(await status.textContent(), 'Checking, one moment');
    assert.equal(await page.locator('#form').getAttribute('aria-busy'), 'true');
    await page.locator('#send').click(); // impatience
    await thanks();
    assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=send']);
  });

  it('is sent though nobody has touched it', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await page.evaluate(() => document.getElementById('form').requestSubmit(document.getElementById('send')));
    await thanks();
    assert.deepEqual(bodies(), ['name=&text=&do=send']);
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('is sent once however often its button is pressed', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await page.evaluate(() => { document.getElementById('form').action = '/contact?slow'; });
    await fill();
    await pause(300); // the proof is ready
    await page.evaluate(() => {
      for (const after of [0, 0, 100, 500, 1000]) setTimeout(() => document.getElementById('send').click(), after);
    });
    await thanks();
    assert.equal(posted().length, 1);
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('brings its file as it is', async () => {
    await page.goto(`${world.origin}/upload`);
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i * 7 & 255));
    await page.locator('[name=text]').fill('Look');
    await page.locator('[name=file]').setInputFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: content });
    await send();
    assert.deepEqual(await verdicts(), ['work']);
    const [{ body, headers }] = posted();
    const boundary = /boundary=(.*)/.exec(headers['content-type'])[1];
    assert.equal(body, `--${boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\nLook\r\n--${boundary}\r\n`
      + `Content-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n${content.toString('latin1')}\r\n--${boundary}--\r\n`);
    assert.equal(headers['content-length'], String(body.length));
  });

  it('may have fields that are named as properties of forms are', async () => {
    await page.goto(`${world.origin}/shadowed-names`);
    await page.locator('[name=action]').fill('/x');
    await send();
    assert.deepEqual(bodies(), ['action=%2Fx&method=&submit=']);
  });

  it('keeps the fields of the gateway to itself where a button leads elsewhere', async () => {
    await page.goto(`${world.origin}/elsewhere`);
    await fill();
    await page.locator('#away').click();
    await thanks();
    assert.deepEqual(bodies(), ['name=Ann&text=Hello']);
    assert.equal(posted()[0].path, '/away');
  });

  it('is sent as it is where there is no proof to be had: the gateway asks afterwards', async () => {
    await world.set({ Away: true });
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await page.locator('#send').click();
    await page.locator('#answer').waitFor({ state: 'attached' });
    assert.deepEqual(await world.seen(), [{ Method: 'POST', Path: '/contact', Why: 'absent', Verdict: '', Trapped: false }]);
    assert.deepEqual(posted(), []);
  });

  it('asks for nothing as long as nobody touches it', async () => {
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${world.origin}/contact-us`);
    await pause(300);
    assert.deepEqual(asked, ['/contact-us', '/.privacy/forms.js']);
    const answered = page.waitForResponse(/challenge/);
    await page.locator('[name=name]').click();
    await answered;
    assert.equal(asked.filter((path) => path === '/.privacy/challenge').length, 1);
  });

  it('moves nothing on its page', async () => {
    await page.goto(`${world.origin}/contact-us`);
    const place = () => page.locator('#send').boundingBox();
    const start = await place();
    await page.evaluate(() => {
      window.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { window.shift += value; })).observe({ type: 'layout-shift', buffered: true });
    });
    await fill();
    await page.waitForFunction(() => document.querySelector('[name=say-token]').value);
    assert.deepEqual(await place(), start);
    assert.equal(await page.evaluate(() => window.shift), 0);
  });

  it('shows nobody the trap, whether he looks, listens or goes by the keyboard', async () => {
    await page.goto(`${world.origin}/contact-us`);
    const trap = page.locator('[name=say-website]');
    const box = await trap.boundingBox();
    assert.ok(box.width <= 1 && box.height <= 1, stringify(box));
    const stops = [];
    for (let i = 0; i < 5; i += 1) {
      await page.keyboard.press('Tab');
      stops.push(await page.evaluate(() => document.activeElement.name || document.activeElement.value));
    }
    assert.deepEqual(stops.slice(0, 4), ['name', 'text', 'do', 'do']);
    assert.ok(!stops.includes('say-website'));
    assert.doesNotMatch(stringify(await page.locator('body').ariaSnapshot()), /website/);
  });

  it('starts anew when it comes back from the memory of the browser', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await page.waitForFunction(() => document.querySelector('[name=say-token]').value);
    await page.evaluate(() => {
      document.addEventListener('submit', (event) => event.preventDefault(), { once: true });
      document.getElementById('form').requestSubmit();
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    assert.equal(await page.evaluate(() => document.querySelector('[name=say-token]').value), '');
    await send();
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('is sent again after the visitor has gone back to it', async () => {
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await send();
    await page.goBack();
    await page.locator('[name=text]').fill('Once more');
    await send();
    assert.equal(posted().length, 2);
    assert.deepEqual(await verdicts(), ['work', 'work']);
  });
});

describe('what scripts make', () => {
  it('a form that is drawn anew while it is filled in', async () => {
    await page.goto(`${world.origin}/built`);
    await fill();
    await page.evaluate(() => window.draw());
    await fill('Bob', 'Hi');
    await page.evaluate(() => window.draw());
    await page.locator('[name=name]').fill('Cid');
    await send();
    assert.deepEqual(bodies(), ['name=Cid&text=&do=send']);
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('a form that is drawn anew while it waits is sent by who presses again', async () => {
    await world.set({ Slow: 600 });
    await page.goto(`${world.origin}/built`);
    await page.locator('#send').click();
    await page.evaluate(() => window.draw());
    await pause(900);
    await page.locator('[name=name]').fill('Cid');
    await send();
    assert.deepEqual(bodies(), ['name=Cid&text=&do=send']);
  });

  it('a form in a shadow', async () => {
    await page.goto(`${world.origin}/shadow`);
    await fill();
    await send();
    assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=send']);
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('a form that a script sends', async () => {
    await page.goto(`${world.origin}/scripted`);
    await page.locator('#scripted').click();
    await thanks();
    assert.deepEqual(bodies(), ['name=&text=']);
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('a form that a script checks first, and then sends', async () => {
    for (const settings of [{}, { Away: true }]) {
      await world.set(settings);
      await page.goto(`${world.origin}/checked`);
      await fill();
      await page.locator('#send').click();
      await page.locator(settings.Away ? '#answer' : '#thanks').waitFor({ state: 'attached' });
      assert.deepEqual(await verdicts(), [settings.Away ? '' : 'work']);
    }
  });

  for (const kind of ['parts', 'pairs', 'json', 'request', 'xhr']) {
    it(`a request of its own (${kind}), twice`, async () => {
      await page.goto(`${world.origin}/ajax?kind=${kind}`);
      await fill();
      await page.locator('#send').click();
      await page.locator('#answer:has-text("200")').waitFor();
      await page.locator('[name=text]').fill('More');
      await page.locator('#send').click();
      await page.locator('#answer:has-text("200 200")').waitFor();
      assert.equal(posted().length, 2);
      assert.deepEqual(await verdicts(), ['work', 'work']);
      for (const body of bodies()) assert.doesNotMatch(body, /say-/);
      if (kind === 'pairs') assert.deepEqual(bodies(), ['name=Ann&text=Hello', 'name=Ann&text=More']);
    });
  }

  it('a request whose proof is not accepted is made once more', async () => {
    await world.set({ Forget: 1 });
    await page.goto(`${world.origin}/ajax?kind=parts`);
    await fill();
    await page.locator('#send').click();
    await page.locator('#answer:has-text("200")').waitFor();
    assert.deepEqual(await verdicts(), ['', 'work']);
    await world.set({ Forget: 3 });
    await page.locator('#send').click();
    await page.locator('#answer:has-text("200 403")').waitFor();
    assert.deepEqual(await verdicts(), ['', '']);
    assert.deepEqual(posted(), []);
  });

  it('a request to a path that only the gateway takes for protected', async () => {
    await page.goto(`${world.origin}/`);
    const status = await page.evaluate(async () => (await fetch('/con%2574act', { method: 'PUT', body: 'x' })).status);
    assert.equal(status, 200);
    assert.deepEqual(await verdicts(), ['', 'work']);
    assert.deepEqual(bodies(), ['x']);
  });

  it('requests that are not protected, or of other sites, are left alone', async () => {
    await page.goto(`${world.origin}/`);
    const asked = [];
    page.on('request', (request) => asked.push([new URL(request.url()).pathname, request.headers()['privacy-captcha']]));
    await page.evaluate(async (other) => {
      await fetch('/other', { method: 'POST', body: 'a' });
      await fetch('/contact');
      await fetch(`${other}/contact`, { method: 'POST', mode: 'no-cors', body: 'b' }).catch(() => {});
    }, world.provider.origin);
    assert.deepEqual(asked, [['/other', undefined], ['/contact', undefined], ['/contact', undefined]]);
  });

  it('a beacon', async () => {
    await page.goto(`${world.origin}/beacon`);
    await page.locator('[name=name]').click();
    await page.waitForFunction(() => document.querySelector('[name=say-token]').value);
    const answered = page.waitForResponse(/contact$/);
    await page.locator('#beacon').click();
    await answered;
    assert.deepEqual(bodies(), ['a=1']);
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('a request that is given up is not made', async () => {
    await world.set({ Slow: 300 });
    await page.goto(`${world.origin}/`);
    await page.evaluate(() => {
      const request = new XMLHttpRequest();
      request.open('POST', '/contact');
      request.send('x');
      request.abort();
    });
    const aborted = await page.evaluate(async () => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 50);
      return fetch('/contact', { method: 'POST', signal: abort.signal }).catch(({ name }) => name);
    });
    await pause(500);
    assert.equal(aborted, 'AbortError');
    assert.deepEqual(await world.seen(), []);
  });
});

describe('a provider', () => {
  const base = () => world.provider.origin;
  // The name by which a provider's tokens begin.
  const nameOf = (kind) => (kind === 'recaptcha v2 invisible' ? 'recaptcha_invisible' : kind.replaceAll(' ', '_'));
  const grant = () => visitor.context.addCookies([{ name: 'privacy', value: 'functional', url: world.origin }]);

  it('is asked for nothing before it is granted, nor before a form is touched', async () => {
    await world.set({ Provider: 'recaptcha v3', Base: base() });
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await send();
    assert.deepEqual(await verdicts(), ['work']);
    await grant();
    await page.goto(`${world.origin}/contact-us`);
    await pause(300);
    assert.deepEqual(world.provider.asked, []);
  });

  for (const [kind, want] of Object.entries({ 'recaptcha v3': 's-KEYcontact', 'recaptcha enterprise': 'e-KEYcontact', 'recaptcha v2 invisible': 'r-KEY', friendly: 'f-KEY' })) {
    it(`that asks the visitor nothing (${kind}) checks the form when it is sent`, async () => {
      await world.set({ Provider: kind, Project: kind.endsWith('enterprise') ? 'project' : '', Base: base(), Guard: true });
      await grant();
      await page.goto(`${world.origin}/contact-us`);
      await fill();
      await send();
      assert.deepEqual(await verdicts(), [`${nameOf(kind)} ${want}`]);
      assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=send']);
      assert.equal(world.provider.asked.length, 1);
    });
  }

  for (const [kind, want] of Object.entries({ 'recaptcha v2': 'r-KEY', hcaptcha: 'h-KEY', turnstile: 't-KEYcontact' })) {
    it(`that shows something (${kind}) shows it at the form, and the form waits for the answer`, async () => {
      await world.set({ Provider: kind, Base: base() });
      await grant();
      await page.goto(`${world.origin}/contact-us`);
      await fill();
      await page.locator('.widget').waitFor();
      assert.ok(await page.locator('#form .say-mount + [value=preview]').isVisible());
      await page.locator('#send').click();
      assert.equal(await page.locator('[role=status]').textContent(), 'Please tick the box');
      await page.locator('.widget').click();
      await thanks();
      assert.deepEqual(await verdicts(), [`${nameOf(kind)} ${want}`]);
      assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=send']);
    });
  }

  it('is asked anew for each request of a page', async () => {
    await world.set({ Provider: 'recaptcha v3', Base: base() });
    await grant();
    await page.goto(`${world.origin}/ajax?kind=parts`);
    await fill();
    await page.locator('#send').click();
    await page.locator('#answer:has-text("200")').waitFor();
    await page.locator('#send').click();
    await page.locator('#answer:has-text("200 200")').waitFor();
    assert.deepEqual(await verdicts(), ['recaptcha_v3 s-KEYcontact', 'recaptcha_v3 s-KEYcontact']);
  });

  for (const mood of ['broken', 'nonsense']) {
    it(`that is ${mood} is done without`, async () => {
      await world.set({ Provider: 'recaptcha v3', Base: base() });
      world.provider.mood = mood;
      await grant();
      await page.goto(`${world.origin}/contact-us`);
      await fill();
      await send();
      assert.deepEqual(await verdicts(), ['work']);
    });
  }

  it('that does not answer is waited for some seconds', async () => {
    await world.set({ Provider: 'recaptcha v2', Base: base() });
    world.provider.mood = 'silent';
    await grant();
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await send();
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('that reports an error is done without', async () => {
    await world.set({ Provider: 'turnstile', Base: base() });
    await grant();
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await page.locator('.widget').waitFor();
    await page.locator('#send').click();
    await page.evaluate(() => window.widgets[0]['error-callback']());
    await thanks();
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('that the guard keeps out is done without', async () => {
    await world.set({ Provider: 'recaptcha v3', Base: base(), Guard: true });
    await page.goto(`${world.origin}/contact-us`);
    await grant(); // in another tab, say
    await fill();
    await send();
    assert.deepEqual(await verdicts(), ['work']);
    assert.deepEqual(world.provider.asked, []);
  });

  it('that is refused again while the page is open is not asked any more', async () => {
    await world.set({ Provider: 'recaptcha v3', Base: base() });
    await grant();
    await page.goto(`${world.origin}/contact-us`);
    await fill();
    await page.waitForFunction(() => window.grecaptcha);
    await visitor.context.clearCookies();
    await send();
    assert.deepEqual(await verdicts(), ['work']);
  });

  it('is offered at the form, and what was typed stays', async () => {
    await world.set({ Provider: 'recaptcha v3', Base: base(), Guard: true });
    await page.goto(`${world.origin}/contact-us`);
    assert.equal(await page.locator('.say-mount').textContent(), 'Protected without third parties. Use reCAPTCHA instead');
    await fill();
    const loaded = page.waitForEvent('load');
    await page.getByRole('link', { name: 'Use reCAPTCHA instead' }).click();
    await loaded;
    assert.equal(await page.locator('.say-mount').textContent(), '');
    assert.equal(await page.locator('[name=text]').inputValue(), 'Hello');
    await page.locator('[name=text]').click();
    await send();
    assert.deepEqual(await verdicts(), ['recaptcha_v3 s-KEYcontact']);
    assert.deepEqual(bodies(), ['name=Ann&text=Hello&do=send']);
  });

  it('is offered at forms that scripts draw', async () => {
    await world.set({ Provider: 'recaptcha v3', Base: base() });
    await page.goto(`${world.origin}/built`);
    await page.locator('[name=name]').click();
    assert.ok(await page.getByRole('link', { name: 'Use reCAPTCHA instead' }).isVisible());
  });
});

describe("under a site's own policy", () => {
  for (const policy of Object.keys(policies)) {
    it(policy, async () => {
      const refused = [];
      const workers = [];
      page.on('worker', (worker) => workers.push(worker.url()));
      page.on('console', (message) => { if (/Content Security Policy|Trusted/.test(message.text())) refused.push(message.text()); });
      await page.goto(`${world.origin}/strict?policy=${policy}`);
      await fill();
      await page.waitForFunction(() => document.querySelector('[name=say-token]').value);
      const box = await page.locator('[name=say-website]').boundingBox();
      assert.ok(box.width <= 1, 'the trap shows');
      await send();
      assert.deepEqual(await verdicts(), ['work']);
      // Where trusted types are asked for, there is no worker.
      assert.equal(workers.length, policy === 'typed' ? 0 : 1);
      assert.deepEqual(refused.filter((text) => policy !== 'typed' || !/Worker|TrustedScriptURL/.test(text)), []);
    });
  }

  it('and under the guard', async () => {
    await world.set({ Guard: true });
    await page.goto(`${world.origin}/ajax?kind=xhr`);
    assert.ok(await page.evaluate(() => 'sayTold' in window), 'there is no guard');
    await fill();
    await page.locator('#send').click();
    await page.locator('#answer:has-text("200")').waitFor();
    assert.deepEqual(await verdicts(), ['work']);
  });
});
