// Protected forms through the gateway itself: whoever the visitor is, each form is sent once, and
// nothing of a visitor who has not agreed gets to the provider.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { answer } from './forms/answer.mjs';
import { startSite } from './forms/site.mjs';
import { answering, freePorts, repository } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let site;
let provider;
let gateway;
let browser;

// startProvider runs what speaks for all providers.
async function startProvider(folder) {
  const binary = join(folder, 'provider');
  await once(spawn('go', ['build', '-o', binary, './internal/captcha/captchatest/serve'], { cwd: repository, stdio: 'inherit' }), 'exit');
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { address, accounts } = JSON.parse(line);
  const control = (path) => fetch(`${address}/control/${path}`, { method: 'POST' });
  return {
    address,
    account: accounts['recaptcha v3'],
    counts: async () => (await (await fetch(`${address}/control/counts`)).json())['google-recaptcha'],
    set: (mode) => control(`set?service=google-recaptcha&part=checks&mode=${mode}`),
    stop: () => { child.stdin.end(); return once(child, 'exit'); },
  };
}

async function startGateway(folder) {
  const [port] = await freePorts(1);
  const config = join(folder, 'Caddyfile');
  await writeFile(config, `{
	admin off
	privacy {
		store embedded ${join(folder, 'privacy')}
		recipient google {
			services google-recaptcha
			transfer dpf
		}
	}
}
http://localhost:${port} {
	privacy {
		captcha /contact /comments* /login.php {
			recaptcha v3 {
				site_key ${provider.account.Site}
				secret ${provider.account.Secret}
				host ${provider.address}
				script_host ${provider.address}
			}
		}
	}
	reverse_proxy 127.0.0.1:${site.port}
}
`);
  const caddy = spawn(process.env.PRIVACY_BINARY, ['run', '--config', config, '--adapter', 'caddyfile'], {
    env: { ...process.env, XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') }, stdio: 'ignore',
  });
  const exited = once(caddy, 'exit');
  const origin = `http://localhost:${port}`;
  await answering(origin, exited);
  return { origin, stop: () => { caddy.kill(); return exited; } };
}

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'protected-'));
  [site, browser, provider] = await Promise.all([startSite(), launch(), startProvider(folder)]);
  gateway = await startGateway(folder);
});
after(async () => {
  await Promise.all([gateway?.stop(), browser?.close(), site?.stop(), provider?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const visitors = {
  'who refused': async (visitor) => { await visitor.open('/'); await visitor.refuse(); },
  'who accepted': (visitor) => visitor.prefer('functional'),
  'who has not chosen': async () => {},
};

const forms = {
  'the contact form': {
    path: '/contact-us', fill: async (page) => { await page.locator('[name=name]').fill('Ada'); await page.locator('#send').click(); },
    body: 'name=Ada&text=&do=send',
  },
  'the login': {
    path: '/login', fill: async (page) => { await page.locator('[name=user]').fill('ada'); await page.locator('#send').click(); },
    body: 'user=ada&password=',
  },
  'a comment with a file': {
    path: '/upload', part: true,
    fill: async (page) => {
      await page.locator('[name=text]').fill('Hello');
      await page.locator('[type=file]').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('the file') });
      await page.locator('#send').click();
    },
  },
  'a form that a script sends': {
    path: '/ajax?kind=json', ajax: true, fill: async (page) => { await page.locator('[name=name]').fill('Ada'); await page.locator('#send').click(); },
    body: '{"name":"Ada"}',
  },
  'a form that a script has drawn': {
    path: '/built', scripts: true, fill: async (page) => { await page.locator('[name=name]').fill('Ada'); await page.locator('#send').click(); },
    body: 'name=Ada&text=&do=send',
  },
};

// arrived waits until something has come to the site, and answers with it.
async function arrived(page) {
  for (let n = 0; n < 200 && site.posted.length === 0; n++) await page.waitForTimeout(100);
  await page.waitForTimeout(300); // whatever else may come
  assert.equal(site.posted.length, 1, `it came ${site.posted.length} times`);
  return site.posted[0];
}

function check(sent, form, ways) {
  assert.ok(ways.test(sent.headers['privacy-captcha']), sent.headers['privacy-captcha']);
  if (form.body) assert.equal(sent.body, form.body);
  if (form.part) assert.ok(sent.body.includes('the file'), sent.body);
  assert.ok(!/say-(token|website|sealed)/.test(sent.body), sent.body);
}

for (const [who, choose] of Object.entries(visitors)) {
  describe(`for a visitor ${who}`, () => {
    for (const [what, form] of Object.entries(forms)) {
      it(`${what} is sent once`, async () => {
        const visitor = await newVisitor(browser, gateway.origin);
        try {
          await choose(visitor);
          site.posted.length = 0;
          const before = await provider.counts();
          await visitor.open(form.path);
          await form.fill(visitor.page);
          check(await arrived(visitor.page), form, who === 'who accepted' ? /^recaptcha_v3; score=0\.9$/ : /^work$/);
          const after = await provider.counts();
          if (who !== 'who accepted') assert.deepEqual(after, before, 'the provider was contacted');
          else assert.equal(after.checks, before.checks + 1);
        } finally {
          await visitor.close();
        }
      });
    }
  });
}

describe('without JavaScript', () => {
  for (const [what, form] of Object.entries(forms)) {
    if (form.ajax || form.scripts) continue;
    it(`${what} is sent once, by an answer`, async () => {
      const visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled: false });
      try {
        const { page } = visitor;
        site.posted.length = 0;
        await visitor.open(form.path);
        await form.fill(page);
        await answer(page);
        check(await arrived(page), form, /^answer$/);
      } finally {
        await visitor.close();
      }
    });
  }
});

it('a provider that is down keeps nobody from sending', async () => {
  const visitor = await newVisitor(browser, gateway.origin);
  try {
    await visitor.prefer('functional');
    await provider.set('broken');
    site.posted.length = 0;
    await visitor.open('/contact-us');
    await forms['the contact form'].fill(visitor.page);
    check(await arrived(visitor.page), forms['the contact form'], /^work$/);
  } finally {
    await provider.set('');
    await visitor.close();
  }
});
