// All that the tests of third parties share: a world for every file.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { browserAmong, site, startFarm } from '../farm.mjs';
import { newVisitor } from '../visitor.mjs';
import { startGateway } from './gateway.mjs';
import { startSite } from './site.mjs';

// newWorld is there while a file's tests run: the farm, the site, the gateway
// with the given options in front of it, and visitors with and without it.
export function newWorld(options) {
  const world = {};
  let publisher;
  let gateway;
  before(async () => {
    world.farm = await startFarm();
    publisher = await startSite(world.farm);
    gateway = await startGateway(world.farm, publisher.port, options);
  });
  after(async () => {
    await Promise.all([gateway?.stop(), publisher?.stop()]);
    await world.farm?.stop();
  });
  // A newcomer has an empty profile, and the site is at the given port.
  const newcomer = (port, ofVisitor) => newVisitor(browserAmong(world.farm, port), site, ofVisitor);
  world.bare = (ofVisitor) => newcomer(publisher.barePort, ofVisitor);
  world.guarded = (ofVisitor) => newcomer(gateway.port, ofVisitor);
  return world;
}

// none and alike name all that is wrong: a diff of long lists leaves most of it out.
export function none(found) {
  assert.ok(found.length === 0, `${found.length}: ${found.join(', ')}`);
}

export function alike(found, wanted) {
  const missing = wanted.filter((name) => !found.includes(name));
  const surplus = found.filter((name) => !wanted.includes(name));
  assert.ok(missing.length + surplus.length === 0, `missing: ${missing.join(', ')}; surplus: ${surplus.join(', ')}`);
}

// once makes a journey when a test first asks for it: a part of this file can be
// run by name without the rest.
export function once(make) {
  let made;
  return () => { made ??= make(); return made; };
}
