// A real application: Debian's WordPress, served by PHP itself, with a database
// and files of its own in a folder that is thrown away afterwards.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answering, freePorts } from './gateway.mjs';

export const account = { name: 'maelle', password: 'coquillage' };

// The post that is there from the start. Its film is embedded by its address
// alone, as authors do. WordPress has emoji drawn by s.w.org where the browser
// has no font for them.
export const film = { path: '/la-maree-en-film/', host: 'www.youtube.com' };

const filmAddress = `https://${film.host}/watch?v=aqz-KE-bpKQ`;

// startWordPress returns the site's port and stop().
export async function startWordPress() {
  const folder = await mkdtemp(join(tmpdir(), 'wordpress-'));
  const [port] = await freePorts(1);
  const site = join(folder, 'site');
  // A copy, because WordPress looks for its settings and uploads beside itself.
  await cp('/usr/share/wordpress', site, { recursive: true, dereference: true });
  await mkdir(join(site, 'wp-content/uploads'));
  await mkdir(join(site, 'wp-content/mu-plugins'));
  const socket = join(folder, 'socket');
  await writeFile(join(site, 'wp-config.php'), settings(socket));
  await writeFile(join(site, 'wp-content/mu-plugins/outside.php'), outside);
  const installation = join(folder, 'install.php');
  await writeFile(installation, install(site));

  const database = startDatabase(folder, socket);
  let server;
  const stop = async () => {
    await server?.stop();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await promisify(execFile)('php', [installation], { timeout: 20_000 });
    server = startServer(site, port);
    await answering(`http://127.0.0.1:${port}/wp-login.php`, server.exited);
  } catch (reason) {
    await stop();
    throw reason;
  }
  return { port, stop };
}

// startDatabase needs no system tables: nobody but us can open the socket.
function startDatabase(folder, socket) {
  return start('/usr/sbin/mariadbd', [
    '--no-defaults', `--user=${userInfo().username}`, `--datadir=${folder}`, `--socket=${socket}`,
    '--skip-networking', '--skip-grant-tables', '--innodb-flush-log-at-trx-commit=0',
  ]);
}

function startServer(site, port) {
  return start('php', [
    '-d', 'opcache.enable_cli=1', '-d', 'opcache.validate_timestamps=0', '-S', `127.0.0.1:${port}`, '-t', site,
  ], { PHP_CLI_SERVER_WORKERS: '6' });
}

// start runs a server in a process group of its own: PHP leaves its workers
// behind, so that the whole group is ended.
function start(command, options, environment = {}) {
  const server = spawn(command, options, {
    env: { ...process.env, ...environment }, stdio: 'ignore', detached: true,
  });
  const exited = new Promise((resolve) => {
    server.once('error', resolve);
    server.once('exit', resolve);
  });
  const stop = () => {
    if (server.pid && server.exitCode === null) process.kill(-server.pid, 'SIGTERM');
    return exited;
  };
  return { exited, stop };
}

// settings are those of any site, except that its address is the one it is asked
// by: the gateway has chosen no port yet.
const settings = (socket) => `<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:${socket}');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $kind) {
  define("{$kind}_KEY", "$kind key");
  define("{$kind}_SALT", "$kind salt");
}
define('WP_SITEURL', 'http://' . ($_SERVER['HTTP_HOST'] ?? 'localhost'));
define('WP_HOME', WP_SITEURL);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require ABSPATH . 'wp-settings.php';
`;

// outside answers in YouTube's place when WordPress asks how to show a film, and
// lets it ask nobody else. Several visitors may comment within the same second.
const outside = `<?php
add_filter('pre_http_request', function ($answer, $request, $address) {
  if (!str_starts_with($address, 'https://${film.host}/oembed?')) return new WP_Error('outside', 'not reached');
  $frame = '<iframe width="500" height="281" src="https://${film.host}/embed/aqz-KE-bpKQ?feature=oembed"></iframe>';
  return [
    'headers' => [], 'cookies' => [], 'filename' => null, 'response' => ['code' => 200, 'message' => 'OK'],
    'body' => json_encode(['type' => 'video', 'version' => '1.0', 'title' => 'Marée', 'html' => $frame]),
  ];
}, 10, 3);
remove_filter('check_comment_flood', 'check_comment_flood_db');
`;

// install is WordPress's own installation, and the first post. Comments appear
// at once, nobody gets mail, and the editor does not greet its author.
const install = (site) => `<?php
define('WP_INSTALLING', true);
mysqli_report(MYSQLI_REPORT_OFF);
for ($database = false, $end = time() + 15; !$database && time() < $end; usleep(50000)) {
  $database = mysqli_connect(null, 'wordpress', '', '', 0, '${site}/../socket');
}
mysqli_query($database, 'CREATE DATABASE wordpress');
function wp_new_blog_notification() {}
require '${site}/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Le Phare', '${account.name}', '${account.name}@example.org', true, '', '${account.password}');
foreach (['comments_notify', 'moderation_notify', 'comment_previously_approved'] as $option) {
  update_option($option, '0');
}
update_user_meta(1, 'wp_persisted_preferences', ['core/edit-post' => ['welcomeGuide' => false]]);
$wp_rewrite->set_permalink_structure('/%postname%/');
flush_rewrite_rules(false);
wp_insert_post([
  'post_title' => 'La marée en film', 'post_status' => 'publish', 'post_author' => 1,
  'post_content' => '<!-- wp:embed {"url":"${filmAddress}","type":"video","providerNameSlug":"youtube"} -->
<figure class="wp-block-embed is-type-video is-provider-youtube"><div class="wp-block-embed__wrapper">
${filmAddress}
</div></figure>
<!-- /wp:embed -->
<!-- wp:paragraph --><p>Elle monte 🌊</p><!-- /wp:paragraph -->',
]);
`;
