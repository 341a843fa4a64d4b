// The promise itself, with third parties that answer: before a choice, after a
// refusal and after a withdrawal nobody else hears of a visit, by any way a page
// has. What these ways lead to without the gateway is in third-parties.test.mjs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { site } from './farm.mjs';
import { journey } from './farm/journey.mjs';
import { services } from './farm/services.mjs';
import { newWorld, none, once } from './farm/world.mjs';

const world = newWorld();

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

  for (const [state, reach] of Object.entries(silent)) {
    describe(`third parties ${state}, ${how}`, () => {
      const seen = once(() => journey(world, world.guarded, javaScriptEnabled, reach));

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
}

// leftBy lists the cookies, or the keys in storage, that services left behind.
function leftBy(kind, seen) {
  const theirs = Object.values(services).flatMap((service) => service[kind] ?? []);
  return seen[kind].filter((name) => theirs.includes(name));
}
