// A site with forms of every kind, that knows nothing of the gateway, and
// notes what it is sent, byte for byte.
import http from 'node:http';

// The policies under which /strict is served, by name.
export const policies = {
  self: "default-src 'self'",
  nothing: "default-src 'none'; form-action 'self'",
  nonce: "script-src 'nonce-abc'; object-src 'none'",
  dynamic: "script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'; base-uri 'none'; object-src 'none'",
  hashes: "script-src 'sha256-AAAA' 'strict-dynamic'; style-src 'self'; connect-src 'none'",
  typed: "script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types 'none'",
  noWorkers: "default-src 'self'; worker-src 'none'",
  inline: "script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'",
};

const document = (title, body, head = '') => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${head}</head>
<body><main><h1>${title}</h1>${body}</main></body></html>`;

const contact = (attributes = 'action="/contact" method="post"', more = '') => `<form id="form" ${attributes}>
<p><label>Name <input name="name"></label></p>
<p><label>Text <textarea name="text"></textarea></label></p>
<p><button name="do" value="preview">Preview</button> <button name="do" value="send" id="send">Send</button>${more}</p>
</form>`;

const pages = {
  '/': document('A site', '<p>No form here.</p>'),
  '/contact-us': document('Contact', contact()),
  '/elsewhere': document('Contact', contact(undefined, '<button id="away" formaction="/away">Away</button>')),
  '/login': document('Sign in', `<form action="/login.php" method="post"><p><label>Name <input name="user" autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p><p><input id="send" type="submit" value="Sign in"></p></form>`),
  '/upload': document('Comment', `<form action="/comments/7" method="post" enctype="multipart/form-data"><p><label>Text <input name="text"></label></p>
<p><label>File <input name="file" type="file"></label></p><p><button id="send">Send</button></p></form>`),
  // An application sends for itself.
  '/ajax': document('Ajax', `${contact()}<p id="answer"></p><script>
document.getElementById('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const kind = new URLSearchParams(location.search).get('kind');
  const bodies = { parts: () => form, pairs: () => new URLSearchParams(form), json: () => JSON.stringify({ name: form.get('name') }) };
  const shown = (status) => { document.getElementById('answer').textContent += status + ' '; };
  if (kind === 'xhr') {
    const request = new XMLHttpRequest();
    request.open('POST', '/contact');
    request.onload = () => shown(request.status);
    request.send(form);
  } else if (kind === 'request') {
    shown((await fetch(new Request('/contact', { method: 'POST', body: form }))).status);
  } else {
    const headers = kind === 'json' ? { 'Content-Type': 'application/json' } : {};
    shown((await fetch('/contact', { method: 'POST', headers, body: bodies[kind]() })).status);
  }
});</script>`),
  '/beacon': document('Beacon', contact('action="/contact" method="post" onsubmit="return false"', `<button type="button" id="beacon"
    onclick="navigator.sendBeacon('/contact', new URLSearchParams({ a: '1' }))">Beacon</button>`)),
  // Scripts draw the form, and draw it anew.
  '/built': document('Built', `<div id="root"></div><script>
function draw() { document.getElementById('root').innerHTML = ${JSON.stringify(contact())}; }
draw();</script>`),
  '/shadow': document('Shadow', `<div id="host"></div><script>
document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(contact())};</script>`),
  '/scripted': document('Scripted', `${contact('action="/contact" method="post"', '<button type="button" id="scripted" onclick="this.form.submit()">Go</button>')}`),
  '/checked': document('Checked', `${contact()}<script>
document.getElementById('form').addEventListener('submit', (event) => { event.preventDefault(); setTimeout(() => event.target.submit(), 50); });</script>`),
  '/shadowed-names': document('Names', `<form action="/contact" method="post"><p><label>Action <input name="action"></label>
<label>Method <input name="method"></label></p><p><button id="send" name="submit">Send</button></p></form>`),
};

// startSite returns the site's port, what was posted to it, and stop().
export async function startSite() {
  const posted = [];
  const server = http.createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://site');
    const body = Buffer.concat(await request.toArray());
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      posted.push({ method: request.method, path: request.url, headers: request.headers, body: body.toString('latin1') });
      if (searchParams.has('slow')) await new Promise((resolve) => { setTimeout(resolve, 1500); });
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(document('Thank you', '<p id="thanks">It has arrived.</p>'));
      return;
    }
    let page = pages[pathname];
    if (pathname === '/strict') {
      response.setHeader('Content-Security-Policy', policies[searchParams.get('policy')]);
      page = document('Strict', contact());
    }
    response.statusCode = page ? 200 : 404;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page ?? document('Not found', ''));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: server.address().port,
    posted,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
