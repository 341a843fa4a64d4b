// The gateway in front of a site with a name of its own, over HTTPS.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { siteHost } from '../farm.mjs';
import { answering, freePorts, repository } from '../gateway.mjs';

// recipients are those of the farm: who may be loaded is the matter of other tests.
const recipients = `recipient farm {
			entity   "The farm"
			country  DE
			hosts    example-third.test boxes-third.test strict-third.test
			services google-* google-ads google-doubleclick youtube* meta-* instagram linkedin-* tiktok-* microsoft-* hotjar vimeo x-* onesignal matomo-cloud dailymotion jsdelivr
		}`;

// startGateway returns the port where browsers find the site, and stop().
// Whatever the gateway fetches for itself, it fetches from the farm. Options are
// those of the directive, in braces.
export async function startGateway(farm, sitePort, options = '') {
  const binary = process.env.PRIVACY_BINARY;
  if (!binary) throw new Error('set PRIVACY_BINARY to a Caddy built with this module');
  const [port, ready] = await freePorts(2);
  const config = join(farm.folder, 'Caddyfile');
  await writeFile(config, `{
	auto_https disable_redirects
	skip_install_trust
	privacy {
		${recipients}
	}
}
http://localhost:${ready} {
	respond ready
}
https://${siteHost}:${port} {
	tls ${farm.certificate.certFile} ${farm.certificate.keyFile}
	privacy ${options}
	reverse_proxy localhost:${sitePort}
}
`);

  const caddy = spawn(binary, ['run', '--config', config, '--adapter', 'caddyfile'], {
    cwd: repository,
    env: {
      ...process.env,
      CADDY_ADMIN: `unix/${join(farm.folder, 'admin.sock')}`,
      XDG_DATA_HOME: join(farm.folder, 'data'),
      XDG_CONFIG_HOME: join(farm.folder, 'config'),
      HTTPS_PROXY: `http://127.0.0.1:${farm.proxyPort}`,
      SSL_CERT_FILE: farm.certificate.certFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logged = join(farm.folder, 'log');
  const log = createWriteStream(logged);
  caddy.stdout.pipe(log, { end: false });
  caddy.stderr.pipe(log, { end: false });
  const exited = once(caddy, 'exit');

  const stop = async () => {
    caddy.kill('SIGTERM');
    await exited;
    await new Promise((resolve) => log.end(resolve));
    const text = await readFile(logged, 'utf8');
    if (text.includes('panic')) throw new Error(`the gateway panicked:\n${text}`);
  };
  try {
    await answering(`http://localhost:${ready}`, exited);
  } catch (reason) {
    await stop();
    throw new Error(`${reason.message}:\n${await readFile(logged, 'utf8')}`);
  }
  return { port, stop };
}
