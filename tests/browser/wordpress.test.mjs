// WordPress behind the gateway: readers, commenters and authors do what they
// always did, in every state, and what it loads from elsewhere waits for a yes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';
import { account, film, startWordPress } from './wordpress.mjs';

let browser;
let wordpress;
let gateway;
before(async () => {
  wordpress = await startWordPress();
  gateway = await startGateway(wordpress.port);
  browser = await launch();
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  await wordpress?.stop();
});

const states = {
  'before a choice': async () => {},
  'after a refusal': (visitor) => visitor.refuse(),
  'after accepting': (visitor) => visitor.prefer('functional', 'statistics', 'marketing'),
};

// Any picture that WordPress takes: one of its own.
const picture = await readFile('/usr/share/wordpress/wp-includes/images/w-logo-blue-white-bg.png');

let tests = 0;
for (const [state, reach] of Object.entries(states)) {
  for (const javaScriptEnabled of [true, false]) {
    describe(`WordPress works ${state}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
      const id = `essai-${++tests}`; // in everything that this state's author writes
      let visitor;
      let page;
      before(async () => {
        visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled });
        ({ page } = visitor);
        await visitor.open('/');
        await reach(visitor);
      });
      after(() => visitor?.close());

      it('a post is read, with its comments', async () => {
        await visitor.open('/hello-world/');
        assert.ok(await page.locator('h1', { hasText: 'Hello world!' }).isVisible());
        assert.ok(await page.getByText('To get started with moderating').isVisible());
      });

      it('the reader is asked until he has answered, and never twice', async () => {
        await visitor.open('/hello-world/');
        assert.equal(await visitor.banner.isVisible(), state === 'before a choice');
        assert.equal(await page.locator('#say-link').isVisible(), state !== 'before a choice');
      });

      it('a comment is written, and its author remembered for as long as WordPress asks', async () => {
        await visitor.open('/hello-world/');
        await page.locator('#comment').fill(`Belle lumière, ${id} !`);
        await page.locator('#author').fill('Loïc');
        await page.locator('#email').fill('loic@example.org');
        await page.locator('#wp-comment-cookies-consent').check();
        await page.locator('#submit').click();
        await page.locator('.wp-block-comment-content', { hasText: id }).waitFor();
        await visitor.open('/hello-world/');
        assert.equal(await page.locator('#author').inputValue(), 'Loïc');
        const kept = await cookies(visitor);
        assert.ok(kept.get('comment_author_*') > 346, 'forgets who asked to be remembered');
        assert.ok(kept.get('comment_author_email_*') > 346, 'forgets who asked to be remembered');
      });

      it('a login is kept, in the administration and on the site', async () => {
        await visitor.open('/wp-login.php');
        await page.locator('#user_login').fill(account.name);
        await page.locator('#user_pass').fill(account.password);
        await page.locator('#rememberme').check();
        await page.locator('#wp-submit').click();
        await page.locator('h1', { hasText: 'Dashboard' }).waitFor();
        await visitor.open('/hello-world/');
        await page.locator('#wpadminbar', { hasText: account.name }).waitFor();
      });

      it('settings are saved, whatever lies over the page', async () => {
        await visitor.open('/wp-admin/options-general.php');
        await page.locator('#blogdescription').fill(`Nouvelles du large, ${id}`);
        await page.locator('#submit').click({ timeout: 5_000 });
        await page.locator('#setting-error-settings_updated').waitFor();
        await visitor.open('/');
        assert.match(await page.title(), new RegExp(id));
      });

      it('a picture is uploaded into the media library, and seen on its page', async () => {
        await visitor.open('/wp-admin/media-new.php');
        const file = { name: `${id}.png`, mimeType: 'image/png', buffer: picture };
        if (javaScriptEnabled) {
          await page.locator('#plupload-upload-ui input[type=file]').setInputFiles(file);
          await page.locator('.media-item a.edit-attachment').waitFor();
        } else {
          await page.locator('#async-upload').setInputFiles(file);
          await page.locator('#html-upload').click();
          await page.waitForURL('**/upload.php*');
        }
        await visitor.open(`/${id}/`);
        await drawn(page, id);
      });

      if (javaScriptEnabled) {
        it('a post with that picture is written in the block editor, published and read', async () => {
          await visitor.open('/wp-admin/post-new.php');
          await page.getByRole('textbox', { name: 'Add title' }).fill(`Grande marée, ${id}`);
          await page.keyboard.press('Enter');
          await page.keyboard.type('Le vent tourne à l’ouest.');
          await page.keyboard.press('Enter');
          await page.keyboard.type('/image');
          await page.getByRole('option', { name: 'Image', exact: true }).click();
          await page.getByRole('button', { name: 'Media Library' }).click();
          await page.locator(`.attachment[aria-label="${id}"]`).click();
          await page.getByRole('button', { name: 'Select', exact: true }).click();
          await page.locator('.editor-post-publish-panel__toggle').click();
          await page.locator('.editor-post-publish-button').click();
          await page.locator('.post-publish-panel__postpublish-buttons .is-primary').click();
          await page.locator('h1', { hasText: `Grande marée, ${id}` }).waitFor();
          assert.ok(await page.getByText('Le vent tourne à l’ouest.').isVisible());
          await drawn(page, id);
        });
      }

      it('its cookies are all there, and none outlives thirteen months', async () => {
        await visitor.open('/wp-admin/');
        const kept = await cookies(visitor);
        for (const [name, days] of kept) assert.ok(days <= 393, `${name}: ${days} days`);
        assert.equal(kept.get('wordpress_test_cookie'), null);
        assert.ok(kept.get('wordpress_*') > 14, 'the administration forgets who asked to be remembered');
        assert.ok(kept.get('wordpress_logged_in_*') > 14, 'the site forgets who asked to be remembered');
        assert.ok(kept.get('wp-settings-time-1') > 364, 'settings of the administration are forgotten');
        if (javaScriptEnabled) assert.ok(kept.get('wp-settings-1') > 364, 'what the editor keeps is forgotten');
      });

      it('the login ends when asked', async () => {
        await visitor.open('/wp-admin/');
        const leave = await page.locator('#wp-admin-bar-logout a').getAttribute('href');
        await page.goto(leave);
        await page.locator('#loginform').waitFor();
        const kept = await cookies(visitor);
        assert.ok(!kept.has('wordpress_*') && !kept.has('wordpress_logged_in_*'), 'still signed in');
      });
    });
  }
}

describe('what WordPress shows from elsewhere waits for a yes', { concurrency: 4 }, () => {
  for (const [state, reach] of Object.entries({ ...states, 'after a withdrawal': withdrawn })) {
    for (const javaScriptEnabled of [true, false]) {
      const granted = state === 'after accepting';
      const scripts = javaScriptEnabled ? 'with' : 'without';
      it(`films and portraits ${granted ? 'are shown' : 'tell nobody'} ${state}, ${scripts} JavaScript`, async () => {
        const visitor = await newVisitor(browser, gateway.origin, { javaScriptEnabled });
        try {
          await visitor.open('/');
          await reach(visitor);
          const asked = elsewhere(visitor);
          for (const path of ['/hello-world/', film.path]) {
            await visitor.open(path);
            await visitor.page.keyboard.press('End'); // what is below is loaded when it comes near
            await visitor.page.waitForLoadState('networkidle');
          }
          if (!granted) return assert.deepEqual([...asked], []);
          assert.ok(asked.has(film.host), 'the film is missing');
          assert.ok([...asked].some((host) => host.endsWith('.gravatar.com')), 'portraits are missing');
        } finally {
          await visitor.close();
        }
      });
    }
  }
});

async function withdrawn(visitor) {
  await states['after accepting'](visitor);
  await visitor.withdraw();
}

// elsewhere collects the hosts, other than the site, that are asked from now on.
function elsewhere(visitor) {
  const hosts = new Set();
  visitor.context.on('request', (request) => {
    const { protocol, origin, host } = new URL(request.url());
    if (/^(http|ws)s?:$/.test(protocol) && origin !== visitor.origin) hosts.add(host);
  });
  return hosts;
}

// cookies tells how many days each has left, null for a session. WordPress ends
// most names with a number of the site's address.
async function cookies(visitor) {
  const now = Date.now() / 1000;
  return new Map((await visitor.context.cookies()).map(({ name, expires }) => [
    name.replace(/_[0-9a-f]{32}$/, '_*'),
    expires < 0 ? null : (expires - now) / 86400,
  ]));
}

// drawn waits until the picture with this word in its address has come.
const drawn = (page, word) => page.locator(`main img[src*="/uploads/"][src*="${word}"]`)
  .evaluate((image) => image.decode());
