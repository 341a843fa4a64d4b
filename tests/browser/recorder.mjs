// A plain reverse proxy between the gateway and the site: it notes what
// the gateway lets through to a site, which no browser can see.
import http from 'node:http';

// startRecorder forwards everything to the given port of this machine.
export async function startRecorder(site) {
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push({ method: request.method, path: request.url, headers: request.headers });
    const onward = http.request({
      host: 'localhost',
      port: site,
      method: request.method,
      path: request.url,
      headers: request.headers,
    }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: server.address().port,
    seen,
    forget: () => { seen.length = 0; },
    // cookieNames lists, without repetition, the cookies the site was sent.
    cookieNames: () => [...new Set(seen.flatMap(({ headers }) => (headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.split('=', 1)[0].trim())
      .filter(Boolean)))],
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
