// In the place of a film that waits for a choice is a button that grants it.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { site } from './farm.mjs';
import { quiet } from './farm/journey.mjs';
import { services } from './farm/services.mjs';
import { newWorld, none } from './farm/world.mjs';

const world = newWorld();

for (const javaScriptEnabled of [true, false]) {
  describe(`the place of a film, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    let visitor;
    let place; // the frame element
    let inside; // what it shows
    beforeEach(async () => {
      visitor = await world.guarded({ javaScriptEnabled });
      world.farm.forget();
      await visitor.open('/');
      place = visitor.page.locator('#youtube iframe');
      inside = visitor.page.frameLocator('#youtube iframe');
    });
    afterEach(() => visitor.close());

    const film = () => inside.locator('h1', { hasText: services.youtube.shows });
    const contacted = async () => {
      await film().waitFor();
      await quiet();
      return world.farm.contacted();
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
      world.farm.forget();
      await visitor.page.goto(`${site}/`);
      assert.deepEqual(await contacted(), ['i.ytimg.com', 'www.youtube.com']);
      world.farm.forget();
      await visitor.page.goto(`${site}/elements`);
      await quiet();
      none(world.farm.contacted());
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
      world.farm.forget();
      await visitor.page.goto(`${site}/`);
      await quiet();
      none(world.farm.contacted());
    });
  });
}
