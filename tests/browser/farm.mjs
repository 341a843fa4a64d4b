// A farm of third parties: one server of this machine that answers for every
// host a page may name, as the services behind these hosts do, and notes who
// was asked for what, who was merely connected to, and by whom.
import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { answerOf } from './farm/services.mjs';
import { ways } from './farm/ways.mjs';

// The site that is tested. Its other hosts are answered by the farm.
export const siteHost = 'www.gazette.example';
export const site = `https://${siteHost}`;

// The certificate names what the gateway itself may fetch from the farm; the
// browser is told to believe its key for every host.
const names = [siteHost, 'cdn.jsdelivr.net', 'fonts.googleapis.com', 'fonts.gstatic.com'];

// startFarm returns the farm: its port, what it has seen, and its certificate
// for those who play the site.
export async function startFarm() {
  const folder = await mkdtemp(join(tmpdir(), 'farm-'));
  const certificate = await selfSigned(folder);
  const seen = []; // requests: { host, path, method, destination, cookie, by }
  const connected = []; // hosts, as the greeting of TLS names them
  const heard = (by) => (request, response) => {
    seen.push(noted(request, by));
    answer(request, response);
  };

  const server = https.createServer({
    ...certificate,
    SNICallback: (host, done) => {
      connected.push(withoutDot(host));
      done(null);
    },
  }, heard('browser'));
  // A resumed session does not ask which certificate to show.
  server.on('secureConnection', ({ servername }) => connected.push(withoutDot(servername || 'a host without a name')));
  server.on('upgrade', (request, socket) => {
    seen.push(noted(request, 'browser'));
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  server.on('tlsClientError', (reason) => {
    if (reason.code === 'ERR_SSL_HTTP_REQUEST') connected.push('a host without TLS');
  });
  const port = await listening(server);
  const forGateway = https.createServer(certificate, heard('gateway'));
  const proxy = proxyTo(await listening(forGateway));
  const proxyPort = await listening(proxy);

  return {
    port,
    proxyPort,
    folder,
    certificate,
    seen,
    connected,
    // contacted are the hosts a browser has asked or connected to, the site's own left out.
    contacted: () => [...new Set([
      ...connected,
      ...seen.filter(({ by }) => by === 'browser').map(({ host }) => host),
    ])].filter((host) => !host.endsWith('.gazette.example')).sort(),
    // forget ends what is connected, so that whoever is contacted next is seen to be.
    forget: () => {
      server.closeAllConnections();
      seen.length = 0;
      connected.length = 0;
    },
    stop: async () => {
      await Promise.all([server, forGateway, proxy].map(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// What Chromium itself asks, whatever the page: it never reaches the farm.
const itself = [
  'accounts.google.com', 'clients2.google.com', 'content-autofill.googleapis.com',
  'optimizationguide-pa.googleapis.com', 'update.googleapis.com',
].map((host) => `MAP ${host} ~NOTFOUND`);

// Looking up a name is no connection. These names become others that Chromium
// resolves by itself, and notes in its log.
const lookups = ways.filter(({ lookup }) => lookup).map(({ host, name }) => `MAP ${host} ${name}.localhost`);

// browserAmong gives contexts for which the site is at the given port and
// everything else in the world is the farm. Each is a browser of its own with a
// lasting profile: in a private window, Chromium leaves out what it only does
// to be faster, and a test would not see it.
export const browserAmong = (farm, front) => ({
  newContext: ({ netLog, ...options } = {}) => chromium.launchPersistentContext('', {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--short-reporting-delay', // reports leave at once, not within a minute
      // Connections to hosts of earlier visits are the browser's own idea.
      '--disable-features=LoadingPredictorUseLocalPredictions',
      `--ignore-certificate-errors-spki-list=${farm.certificate.key256}`,
      `--host-resolver-rules=${[
        ...itself, ...lookups, `MAP ${siteHost} 127.0.0.1:${front}`, `MAP * 127.0.0.1:${farm.port}`,
      ]}`,
      ...netLog ? [`--log-net-log=${netLog}`] : [],
    ],
    ...options,
  }),
});

export const listening = async (server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};

export const closed = (server) => new Promise((resolve) => {
  server.close(resolve);
  server.closeAllConnections?.();
});

const withoutDot = (host) => host.replace(/\.$/, '');

function noted({ method, url, headers }, by) {
  return {
    method,
    host: withoutDot(headers.host.replace(/:\d+$/, '')),
    path: url,
    destination: headers['sec-fetch-dest'] ?? '',
    cookie: headers.cookie ?? '',
    by,
  };
}

// answer gives what the service gives, or anything that fits the element asking.
function answer(request, response) {
  request.resume();
  const { type, body } = answerOf(new URL(request.url, `https://${request.headers.host}`), request.headers);
  response.writeHead(200, {
    'Content-Type': type,
    'Access-Control-Allow-Origin': request.headers.origin ?? '*',
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

// proxyTo leads the gateway, which has no host rules, to the farm.
function proxyTo(port) {
  const proxy = http.createServer((request, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket) => {
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return proxy;
}

async function selfSigned(folder) {
  const keyFile = join(folder, 'key.pem');
  const certFile = join(folder, 'certificate.pem');
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=farm', '-addext', `subjectAltName=${names.map((name) => `DNS:${name}`)}`,
    '-keyout', keyFile, '-out', certFile,
  ]);
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)]);
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return { key, cert, keyFile, certFile, key256: createHash('sha256').update(spki).digest('base64') };
}
