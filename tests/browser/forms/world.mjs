// A site with forms, what the gateway puts before it, and a provider: all a
// test of forms needs.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answering, freePorts, repository } from '../gateway.mjs';
import { launch, newVisitor } from '../visitor.mjs';
import { startProvider } from './provider.mjs';
import { startSite } from './site.mjs';

// startWorld returns the site, the provider, a browser, newVisitor(options),
// set(settings) and seen() of the gate, and stop().
export async function startWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'forms-'));
  const binary = join(folder, 'gate');
  await promisify(execFile)('go', ['build', '-o', binary, './tests/browser/forms/gate'], { cwd: repository, env: { ...process.env, CGO_ENABLED: '0' } });
  const [site, provider, browser, [port]] = await Promise.all([startSite(), startProvider(), launch(), freePorts(1)]);
  const gate = spawn(binary, ['-listen', `localhost:${port}`, '-site', `http://127.0.0.1:${site.port}`], { stdio: ['ignore', 'inherit', 'inherit'] });
  const exited = new Promise((resolve) => { gate.once('exit', resolve); });
  const origin = `http://localhost:${port}`;
  await answering(origin, exited);

  return {
    site,
    provider,
    origin,
    newVisitor: (options) => newVisitor(browser, origin, options),
    // set changes what the gate does, and forgets what everybody has seen.
    set: async (settings = {}) => {
      await fetch(`${origin}/.test/`, { method: 'POST', body: JSON.stringify(settings) });
      site.posted.length = 0;
      provider.asked.length = 0;
      provider.mood = 'well';
    },
    seen: async () => (await (await fetch(`${origin}/.test/`)).json()) ?? [],
    stop: async () => {
      gate.kill();
      await Promise.all([exited, browser.close(), site.stop(), provider.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}
