// A real application: Debian's DokuWiki, served by PHP itself, with settings,
// pages and accounts of its own in a folder that is thrown away afterwards.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answering, freePorts } from './gateway.mjs';

export const account = { name: 'maelle', password: 'coquillage' };

// startWiki returns the wiki's port and stop().
export async function startWiki() {
  const folder = await mkdtemp(join(tmpdir(), 'wiki-'));
  const [port] = await freePorts(1);
  const settings = join(folder, 'conf/');
  const pages = join(folder, 'data');
  await cp('/etc/dokuwiki', settings, { recursive: true, dereference: true });
  await cp('/var/lib/dokuwiki/data', pages, { recursive: true, dereference: true });
  await mkdir(join(folder, 'sessions'));

  const { stdout: hash } = await promisify(execFile)('php', [
    '-r', 'echo password_hash($argv[1], PASSWORD_BCRYPT);', account.password,
  ]);
  await writeFile(join(settings, 'users.auth.php'), `${account.name}:${hash}:Maëlle:maelle@example.org:user\n`);
  await writeFile(join(settings, 'acl.auth.php'), '* @ALL 1\n* @user 8\n');
  await writeFile(join(settings, 'local.php'), `<?php
$conf['title'] = 'Wiki';
$conf['lang'] = 'fr';
$conf['useacl'] = 1;
$conf['passcrypt'] = 'bcrypt';
$conf['savedir'] = '${pages}';
`);
  const before = join(folder, 'before.php');
  await writeFile(before, `<?php define('DOKU_CONF', '${settings}');\n`);

  const php = spawn('php', [
    '-d', 'opcache.enable_cli=1', '-d', `auto_prepend_file=${before}`, '-d', `session.save_path=${join(folder, 'sessions')}`,
    '-S', `127.0.0.1:${port}`, '-t', '/usr/share/dokuwiki',
  ], { env: { ...process.env, PHP_CLI_SERVER_WORKERS: '4' }, stdio: 'ignore', detached: true });
  const exited = new Promise((resolve) => {
    php.once('error', resolve);
    php.once('exit', resolve);
  });

  const stop = async () => {
    // PHP leaves its workers behind: the whole group is ended.
    if (php.pid && php.exitCode === null) process.kill(-php.pid, 'SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answering(`http://127.0.0.1:${port}/doku.php`, exited);
  } catch (reason) {
    await stop();
    throw reason;
  }
  return { port, stop };
}
