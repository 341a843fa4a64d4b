// The boxes that another consent tool would have filled, on a site that had the
// gateway replace it, and the posts of social networks: each asks for its own
// service, and shows it once it is granted.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { quiet } from './farm/journey.mjs';
import { newWorld } from './farm/world.mjs';

const world = newWorld('{\n\t\tconsent_tool replace\n\t}');

// places are the boxes: what each shows, from where, and how large.
const places = {
  youtube: { shows: 'A film of the tide', from: 'www.youtube-nocookie.com', size: [560, 315] },
  vimeo: { shows: 'A film of the dunes', from: 'player.vimeo.com', size: [400, 225] },
  map: { shows: 'A third party', from: 'maps.boxes-third.test', size: [320, 240] },
};
const everything = (scripts) => [
  'geo.dailymotion.com', ...Object.values(places).map(({ from }) => from), ...scripts ? ['platform.twitter.com'] : [],
].sort();

for (const javaScriptEnabled of [true, false]) {
  describe(`boxes, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    let visitor;
    beforeEach(async () => {
      visitor = await world.guarded({ javaScriptEnabled });
      world.farm.forget();
      await visitor.open('/boxes');
    });
    afterEach(() => visitor.close());

    const frames = (name) => visitor.page.locator(`#${name} iframe`);
    const inside = (name) => visitor.page.frameLocator(`#${name} iframe`);
    const button = (name) => inside(name).getByRole('button');
    const shown = (name) => inside(name).locator('h1', { hasText: places[name].shows });
    const contacted = async () => {
      await quiet();
      return world.farm.contacted();
    };
    const visitAgain = async () => {
      world.farm.forget();
      await visitor.open('/boxes');
      return contacted();
    };

    it('contact nobody before a choice, and ask', async () => {
      assert.deepEqual(await contacted(), []);
      for (const name of Object.keys(places)) assert.equal(await button(name).count(), 1, name);
      assert.match(await inside('youtube').locator('body').innerText(), /YouTube/);
      assert.equal(await frames('youtube').getAttribute('title'), 'The tide');
      assert.equal(await frames('dailymotion').count(), 0);
    });

    if (javaScriptEnabled) {
      it('leave the scripts of the page alone', async () => {
        assert.equal(await visitor.page.evaluate(() => document.documentElement.dataset.own), 'ran');
      });
    }

    for (const [name, { from, size }] of Object.entries(places)) {
      it(`show ${name} at the press of its button, and nothing else`, async () => {
        const extent = async () => {
          const { width, height } = await frames(name).boundingBox();
          return [width, height].map(Math.round);
        };
        const before = await extent();
        world.farm.forget();
        await button(name).click();
        await shown(name).waitFor();
        assert.deepEqual(await contacted(), [from]);
        assert.deepEqual(await extent(), before);
        if (name !== 'vimeo') assert.deepEqual(before.map((length, i) => Math.abs(length - size[i]) <= 4), [true, true]);
        assert.deepEqual(await visitAgain(), [from]);
      });
    }

    it('show everything once everything is accepted, and nothing after a withdrawal', async () => {
      world.farm.forget();
      await visitor.accept();
      for (const name of Object.keys(places)) await shown(name).waitFor();
      assert.deepEqual(await contacted(), everything(javaScriptEnabled));
      assert.deepEqual(await visitAgain(), everything(javaScriptEnabled));
      await visitor.withdraw();
      assert.deepEqual(await visitAgain(), []);
      for (const name of Object.keys(places)) assert.equal(await button(name).count(), 1, name);
    });

    it('keep the text of a post, with a button above it', async () => {
      const text = visitor.page.locator('#post p');
      assert.ok(await text.isVisible());
      world.farm.forget();
      await button('post').click();
      if (javaScriptEnabled) await inside('post').locator('h1', { hasText: 'A post about the wind' }).waitFor();
      else await text.waitFor();
      assert.deepEqual(await contacted(), javaScriptEnabled ? ['platform.twitter.com'] : []);
      assert.equal(await button('post').count(), 0);
    });
  });
}
