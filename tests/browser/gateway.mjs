// Starts the gateway as a site owner does, with Caddyfile.example, on ports of
// its own and with a data directory that is thrown away afterwards.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startRecorder } from './recorder.mjs';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

const patience = 20_000; // milliseconds for the gateway to answer or to stop

// startGateway returns the gateway's origin, the recorder that sits between it
// and the site, what the owner is told by report(), and stop(). The site is the newspaper, or whatever answers on
// the given port. PRIVACY_BINARY names the Caddy to start.
export async function startGateway(site) {
  const binary = process.env.PRIVACY_BINARY;
  if (!binary) throw new Error('set PRIVACY_BINARY to a Caddy built with this module');

  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const [front, publisher] = await freePorts(2);
  const recorder = await startRecorder(site ?? publisher);
  const config = join(folder, 'Caddyfile');
  const admin = join(folder, 'admin.sock');
  const example = await readFile(join(repository, 'Caddyfile.example'), 'utf8');
  await writeFile(config, example
    .replaceAll('localhost:8080', `localhost:${front}`)
    .replaceAll('localhost:8081', `localhost:${publisher}`)
    .replace('recipient google {', `recipient tests {
			entity "The tests"
			country DE
			hosts widget.example base.example
			terms 1 2026-01-01
		}
		recipient gravatar {
			transfer dpf
			terms 1 2026-01-01
		}
		recipient google {`));

  const logged = join(folder, 'log');
  const caddy = spawn(binary, ['run', '--config', config, '--adapter', 'caddyfile'], {
    cwd: repository,
    env: {
      ...process.env,
      CADDY_ADMIN: `unix/${admin}`,
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      PRIVACY_UPSTREAM: `localhost:${recorder.port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logged);
  caddy.stdout.pipe(log, { end: false });
  caddy.stderr.pipe(log, { end: false });
  const exited = new Promise((resolve) => {
    caddy.once('error', resolve);
    caddy.once('exit', resolve);
  });

  const stop = async () => {
    caddy.kill('SIGTERM');
    const killer = setTimeout(() => caddy.kill('SIGKILL'), patience);
    await exited;
    clearTimeout(killer);
    log.end();
    await recorder.stop();
    const text = await readFile(logged, 'utf8');
    await rm(folder, { recursive: true, force: true });
    if (text.includes('panic')) throw new Error(`the gateway panicked:\n${text}`);
  };

  const origin = `http://localhost:${front}`;
  try {
    await answering(origin, exited);
  } catch (reason) {
    const text = await readFile(logged, 'utf8');
    await stop();
    throw new Error(`${reason.message}:\n${text}`);
  }
  recorder.forget();
  return { origin, recorder, report: () => reportOf(admin), stop };
}

// reportOf asks a gateway's admin endpoint what it has seen.
function reportOf(socketPath) {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: '/privacy/report', headers: { Host: '' } }, async (answer) => {
      const chunks = await answer.toArray();
      resolve(JSON.parse(Buffer.concat(chunks)));
    }).once('error', reject);
  });
}

// answering waits until a server answers well, and no longer than it lives.
export async function answering(address, exited) {
  let over = false;
  exited.then(() => { over = true; });
  for (const end = Date.now() + patience; Date.now() < end && !over;) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(over ? `what serves ${address} did not start` : `${address} does not answer`);
}

// freePorts keeps every port open until all are found, so that they differ.
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map((server) => new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  })));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
