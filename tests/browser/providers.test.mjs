// The stand-ins of the providers, of which the tests of protected forms are made: each browser script
// makes a token in the way that its provider documents, the server takes it once, and a page's policy
// that forbids the provider's frame keeps it from being made.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { repository } from './gateway.mjs';
import { launch } from './visitor.mjs';

let folder, child, address, accounts, site, origin, browser;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'providers-'));
  const binary = join(folder, 'serve');
  await once(spawn('go', ['build', '-o', binary, './internal/captcha/captchatest/serve'], { cwd: repository, stdio: 'inherit' }), 'exit');
  child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  ({ address, accounts } = JSON.parse(line));
  site = createServer((request, response) => {
    const frames = request.url === '/frameless' ? "'none'" : address;
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Content-Security-Policy', `default-src 'none'; script-src ${address}; frame-src ${frames}`);
    response.end('<!doctype html><title>A form</title><form><input name="text"><div id="place"></div></form>');
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://localhost:${site.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  site?.close();
  child?.stdin.end();
  await rm(folder, { recursive: true });
});

// open loads a provider's script in a page of the site.
async function open(path, script) {
  const page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(origin + path);
  await page.evaluate((src) => new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject }));
  }), address + script);
  return page;
}

const form = (path) => async (token, { Site, Secret }) => (await fetch(address + path, {
  method: 'POST', body: new URLSearchParams({ secret: Secret, response: token, ...(path === '/siteverify' && { sitekey: Site }) }),
})).json();

const google = form('/recaptcha/api/siteverify');

async function assess(token, { Site, Secret, Project }) {
  const answer = await fetch(`${address}/v1/projects/${Project}/assessments?key=${Secret}`, {
    method: 'POST', body: JSON.stringify({ event: { token, siteKey: Site, expectedAction: 'contact' } }),
  });
  const { tokenProperties } = await answer.json();
  return { success: tokenProperties.valid, hostname: tokenProperties.hostname, action: tokenProperties.action };
}

async function friendly(token, { Site, Secret }) {
  const answer = await fetch(`${address}/api/v2/captcha/siteverify`, {
    method: 'POST', headers: { 'X-API-Key': Secret, 'Content-Type': 'application/json' }, body: JSON.stringify({ response: token, sitekey: Site }),
  });
  const { success, data } = await answer.json();
  return { success, hostname: data && new URL(data.challenge.origin).hostname };
}

// scored runs in the page.
const scored = ([key, name]) => new Promise((resolve, reject) => {
  const object = name.split('.').reduce((of, part) => of[part], self);
  object.ready(() => object.execute(key, { action: 'contact' }).then(resolve, reject));
});

// Each with its script, what a page does with it, whether the visitor clicks, and how it is checked.
const providers = {
  'recaptcha v2': {
    script: '/recaptcha/api.js?render=explicit', clicks: true, check: google,
    mint: ([sitekey]) => new Promise((callback) => { grecaptcha.ready(() => grecaptcha.render('place', { sitekey, callback })); }),
  },
  'recaptcha v2 invisible': {
    script: '/recaptcha/api.js?render=explicit', check: google,
    mint: ([sitekey]) => new Promise((callback) => {
      grecaptcha.ready(() => grecaptcha.execute(grecaptcha.render('place', { sitekey, callback, size: 'invisible' })));
    }),
  },
  'recaptcha v3': { script: '/recaptcha/api.js?render=', names: 'grecaptcha', check: google, acts: true, mint: scored },
  'recaptcha enterprise': { script: '/recaptcha/enterprise.js?render=', names: 'grecaptcha.enterprise', check: assess, acts: true, mint: scored },
  hcaptcha: {
    script: '/1/api.js?render=explicit&recaptchacompat=off', clicks: true, check: form('/siteverify'),
    mint: ([sitekey]) => new Promise((callback) => { hcaptcha.render('place', { sitekey, callback }); }),
  },
  turnstile: {
    script: '/turnstile/v0/api.js?render=explicit', check: form('/turnstile/v0/siteverify'), acts: true,
    mint: ([sitekey]) => new Promise((callback) => { turnstile.render('#place', { sitekey, callback, action: 'contact', 'response-field': false }); }),
  },
  friendly: {
    script: '/npm/@friendlycaptcha/sdk@1.0.2/site.compat.min.js', check: friendly,
    mint: ([sitekey, , apiEndpoint]) => new Promise((resolve) => {
      const element = document.getElementById('place');
      const made = frcaptcha.createWidget({ element, sitekey, apiEndpoint, startMode: 'auto', formFieldName: null });
      made.addEventListener('frc:widget.complete', (event) => resolve(event.detail.response));
    }),
  },
};

describe('a stand-in of a provider', () => {
  for (const [name, { script, names, mint, clicks, check, acts }] of Object.entries(providers)) {
    const source = () => (names ? script + accounts[name].Site : script);
    const values = () => [accounts[name].Site, names, address];

    it(`makes tokens that are good once, as ${name} does`, async () => {
      const page = await open('/', source());
      const [token] = await Promise.all([
        page.evaluate(mint, values()),
        clicks && page.frameLocator('iframe').getByRole('checkbox').click(),
      ]);
      const answer = await check(token, accounts[name]);
      assert.equal(answer.success, true, JSON.stringify(answer));
      assert.equal(answer.hostname, 'localhost');
      if (acts) assert.equal(answer.action, 'contact');
      assert.equal((await check(token, accounts[name])).success, false);
      await page.close();
    });

    it(`makes none where the page's policy forbids the frame of ${name}`, async () => {
      const page = await open('/frameless', source());
      const made = page.evaluate(mint, values()).catch(() => 'none');
      assert.equal(await Promise.race([made, page.waitForTimeout(700)]), undefined);
      await page.close();
    });
  }
});
