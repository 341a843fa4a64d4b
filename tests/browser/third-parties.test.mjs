// The promise itself, with third parties that answer: before a choice and after
// a refusal nobody else hears of a visit, by any way a page has; after accepting
// all is as without the gateway; after a withdrawal there is silence again.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { browserAmong, site, startFarm } from './farm.mjs';
import { startGateway } from './farm/gateway.mjs';
import { journey, quiet } from './farm/journey.mjs';
import { services } from './farm/services.mjs';
import { startSite } from './farm/site.mjs';
import { lookedUp, taken } from './farm/ways.mjs';
import { newVisitor } from './visitor.mjs';

let farm;
let publisher;
let gateway;
before(async () => {
  farm = await startFarm();
  publisher = await startSite(farm);
  gateway = await startGateway(farm, publisher.port);
});
after(async () => {
  await Promise.all([gateway?.stop(), publisher?.stop()]);
  await farm?.stop();
});

// A newcomer has an empty profile, and the site is at the given port.
const newcomer = (port, options) => newVisitor(browserAmong(farm, port), site, options);
const bare = (options) => newcomer(publisher.barePort, options);
const guarded = (options) => newcomer(gateway.port, options);

const silent = {
  'before a choice': async () => {},
  'after a refusal': async (visitor) => {
    await visitor.open('/');
    await visitor.refuse();
  },
  'after a withdrawal': async (visitor) => {
    await visitor.open('/');
    await visitor.accept();
    // The workers and the reporting that these pages begin outlive them.
    for (const path of ['/scripts', '/headers', '/']) await visitor.page.goto(site + path);
    await visitor.withdraw();
  },
};

for (const javaScriptEnabled of [true, false]) {
  const how = `${javaScriptEnabled ? 'with' : 'without'} JavaScript`;

  describe(`third parties without the gateway, ${how}`, () => {
    everythingWorks(once(() => journey(farm, bare, javaScriptEnabled)), javaScriptEnabled);
  });

  for (const [state, reach] of Object.entries(silent)) {
    describe(`third parties ${state}, ${how}`, () => {
      const seen = once(() => journey(farm, guarded, javaScriptEnabled, reach));

      it('no way leads to one', async () => none((await seen()).contacted));
      it('no name is looked up', async () => none((await seen()).lookups));
      it('no snippet contacts one', async () => none((await seen()).asked));
      it('no service shows anything', async () => none((await seen()).shown));
      it('a host of the site itself is asked', async () => assert.ok((await seen()).ownHostAsked));
      if (!javaScriptEnabled) return;
      it('ways that only other browsers take are held', async () => none((await seen()).dormantLeft));
      it('no service has a cookie left', async () => none(leftBy('cookies', await seen())));
      it('no service has storage left', async () => none(leftBy('storage', await seen())));
      it('libraries and fonts work', async () => assert.deepEqual((await seen()).ready, ['google-fonts', 'jsdelivr']));
    });
  }

  describe(`third parties after accepting, ${how}`, () => {
    everythingWorks(once(() => journey(farm, guarded, javaScriptEnabled, async (visitor) => {
      await visitor.open('/');
      await visitor.accept();
    })), javaScriptEnabled);
  });
}

for (const javaScriptEnabled of [true, false]) {
  describe(`the place of a film, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    let visitor;
    let place; // the frame element
    let inside; // what it shows
    beforeEach(async () => {
      visitor = await guarded({ javaScriptEnabled });
      farm.forget();
      await visitor.open('/');
      place = visitor.page.locator('#youtube iframe');
      inside = visitor.page.frameLocator('#youtube iframe');
    });
    afterEach(() => visitor.close());

    const film = () => inside.locator('h1', { hasText: services.youtube.shows });
    const contacted = async () => {
      await film().waitFor();
      await quiet();
      return farm.contacted();
    };

    it('names the service and has one button', async () => {
      assert.match(await inside.locator('body').innerText(), /YouTube/);
      assert.equal(await inside.getByRole('button').count(), 1);
    });

    it('is as large as the film', async () => {
      const before = await place.boundingBox();
      assert.deepEqual([before.width, before.height], [560, 315]);
      await inside.getByRole('button').click();
      await film().waitFor();
      const { width, height } = await place.boundingBox();
      assert.deepEqual([width, height], [before.width, before.height]);
    });

    it('its button grants this service alone', async () => {
      await inside.getByRole('button').click();
      assert.deepEqual(await contacted(), ['i.ytimg.com', 'www.youtube.com']);
      farm.forget();
      await visitor.page.goto(`${site}/`);
      assert.deepEqual(await contacted(), ['i.ytimg.com', 'www.youtube.com']);
      farm.forget();
      await visitor.page.goto(`${site}/elements`);
      await quiet();
      none(farm.contacted());
    });

    it('its button is reached and pressed with the keyboard', async () => {
      const button = await inside.getByRole('button').elementHandle();
      const frame = await (await place.elementHandle()).contentFrame();
      for (let pressed = 0; pressed < 100; pressed += 1) {
        await visitor.page.keyboard.press('Tab');
        if (await frame.evaluate((wanted) => document.hasFocus() && document.activeElement === wanted, button)) break;
      }
      await visitor.page.keyboard.press('Enter');
      assert.deepEqual(await contacted(), ['i.ytimg.com', 'www.youtube.com']);
    });

    it('what was granted to it is taken back with everything else', async () => {
      await inside.getByRole('button').click();
      await film().waitFor();
      await visitor.withdraw();
      farm.forget();
      await visitor.page.goto(`${site}/`);
      await quiet();
      none(farm.contacted());
    });
  });
}

it('nothing on the page moves before a choice', async () => {
  const visitor = await guarded();
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
    visitor = await guarded();
    ({ page } = visitor);
    farm.forget();
    await visitor.open('/strict');
    await quiet();
    contacted = farm.contacted();
  });
  after(() => visitor?.close());

  it('contacts two others without the gateway', async () => {
    const other = await bare();
    farm.forget();
    await other.open('/strict');
    await quiet();
    const found = farm.contacted();
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
    const other = await guarded();
    await other.open('/strict');
    farm.forget();
    await other.accept();
    await quiet();
    const found = farm.contacted();
    await other.close();
    assert.deepEqual(found, ['more.strict-third.test', 'tags.strict-third.test']);
  });
});

// everythingWorks holds a journey to what the publisher built.
function everythingWorks(seen, scripts) {
  it('every way leads to its own', async () => alike((await seen()).contacted, taken(scripts)));
  it('every name is looked up that should be', async () => alike((await seen()).lookups, lookedUp(scripts)));
  for (const [name, service] of Object.entries(services)) {
    if (scripts || service.plainCalls) it(`${name} works`, async () => serviceWorks(await seen(), name, scripts));
  }
}

function serviceWorks(seen, name, scripts) {
  const { calls = [], plainCalls, cookies = [], storage = [], shows, ready } = services[name];
  for (const call of scripts ? calls : plainCalls) {
    assert.ok(seen.calls.some((made) => made.startsWith(call)), `${call} was not called`);
  }
  if (shows) assert.ok(seen.shown.includes(name), 'nothing is shown');
  if (!scripts) return;
  if (ready) assert.ok(seen.ready.includes(name), 'it is not ready');
  for (const cookie of cookies) assert.ok(seen.cookies.includes(cookie), `no cookie ${cookie}`);
  for (const key of storage) assert.ok(seen.storage.includes(key), `nothing stored under ${key}`);
}

// none and alike name all that is wrong: a diff of long lists leaves most of it out.
function none(found) {
  assert.ok(found.length === 0, `${found.length}: ${found.join(', ')}`);
}

function alike(found, wanted) {
  const missing = wanted.filter((name) => !found.includes(name));
  const surplus = found.filter((name) => !wanted.includes(name));
  assert.ok(missing.length + surplus.length === 0, `missing: ${missing.join(', ')}; surplus: ${surplus.join(', ')}`);
}

// leftBy lists the cookies, or the keys in storage, that services left behind.
function leftBy(kind, seen) {
  const theirs = Object.values(services).flatMap((service) => service[kind] ?? []);
  return seen[kind].filter((name) => theirs.includes(name));
}

// once makes a journey when a test first asks for it: a part of this file can be
// run by name without the rest.
function once(make) {
  let made;
  return () => { made ??= make(); return made; };
}
