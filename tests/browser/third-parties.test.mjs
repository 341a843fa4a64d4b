// Third parties that answer: without the gateway, every way a page has leads to
// its own, and after accepting all is as without the gateway. That nobody hears
// of a visit otherwise is in silence.test.mjs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { journey } from './farm/journey.mjs';
import { services } from './farm/services.mjs';
import { lookedUp, taken } from './farm/ways.mjs';
import { alike, newWorld, once } from './farm/world.mjs';

const world = newWorld();

// unlisted are ways that a list of hosts cannot let pass, although everything is granted: rules about
// speed alone, which may name anybody, and a name that no policy can write.
const unlisted = ['final-dot', 'header-speculation-rules', 'header-speculation-url', 'insert-speculation', 'speculation-document'];

for (const javaScriptEnabled of [true, false]) {
  const how = `${javaScriptEnabled ? 'with' : 'without'} JavaScript`;

  describe(`third parties without the gateway, ${how}`, () => {
    everythingWorks(once(() => journey(world, world.bare, javaScriptEnabled)), javaScriptEnabled);
  });

  describe(`third parties after accepting, ${how}`, () => {
    everythingWorks(once(() => journey(world, world.guarded, javaScriptEnabled, async (visitor) => {
      await visitor.open('/');
      await visitor.accept();
    })), javaScriptEnabled, unlisted);
  });
}

// everythingWorks holds a journey to what the publisher built, but for some ways.
function everythingWorks(seen, scripts, without = []) {
  it('every way leads to its own', async () => {
    alike((await seen()).contacted, taken(scripts).filter((way) => !without.includes(way)));
  });
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
