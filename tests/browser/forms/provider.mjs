// Stands for the providers' scripts: the documented functions of each, and a
// count of who asked.
import http from 'node:http';

const widgets = `
  render: (place, options) => {
    const box = place.appendChild(document.createElement('button'));
    box.type = 'button';
    box.className = 'widget';
    box.textContent = 'I am human';
    box.hidden = options.size === 'invisible';
    const field = place.appendChild(document.createElement('textarea'));
    field.name = NAME + '-response';
    field.hidden = true;
    window.widgets = (window.widgets || []).concat(options);
    box.onclick = () => { field.value = TOKEN + options.sitekey + (options.action || ''); options.callback(field.value); };
    return window.widgets.length - 1;
  },
  execute: (id) => { const { callback, sitekey } = window.widgets[id]; setTimeout(() => callback(TOKEN + sitekey), 50); },
  reset: (id) => { window.reset = (window.reset || 0) + 1; },`;

const scripts = {
  '/recaptcha/api.js': (query) => `window.grecaptcha = { ready: (done) => setTimeout(done, 20), ${query.get('render') === 'explicit'
    ? widgets.replaceAll('NAME', "'g-recaptcha'").replaceAll('TOKEN', "'r-'")
    : 'execute: (key, { action }) => ({ then: (done) => { setTimeout(() => done("s-" + key + action), 20); } }),'} };`,
  '/recaptcha/enterprise.js': () => 'window.grecaptcha = { enterprise: { ready: (done) => setTimeout(done, 20), execute: (key, { action }) => Promise.resolve("e-" + key + action) } };',
  '/1/api.js': () => `window.hcaptcha = { ${widgets.replaceAll('NAME', "'h-captcha'").replaceAll('TOKEN', "'h-'")} };`,
  '/turnstile/v0/api.js': () => `window.turnstile = { ${widgets.replaceAll('NAME', "'cf-turnstile'").replaceAll('TOKEN', "'t-'")} };`,
  '/npm/@friendlycaptcha/sdk@1.0.2/site.compat.min.js': () => `window.frcaptcha = { createWidget: ({ element, sitekey }) => {
    const target = new EventTarget();
    element.innerHTML = '<input type="hidden" name="frc-captcha-response">';
    setTimeout(() => target.dispatchEvent(new CustomEvent('frc:widget.complete', { detail: { response: 'f-' + sitekey } })), 50);
    target.reset = () => { window.reset = (window.reset || 0) + 1; };
    return target;
  } };`,
};

// startProvider returns the provider's origin, the paths that were asked for,
// what it does with them, and stop().
export async function startProvider() {
  const provider = { asked: [], mood: 'well' };
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://provider');
    provider.asked.push(request.url);
    if (provider.mood === 'silent') return;
    if (provider.mood === 'broken') response.statusCode = 500;
    response.setHeader('Content-Type', 'text/javascript');
    response.end(provider.mood === 'nonsense' ? 'window.nothing = 1;' : scripts[pathname]?.(searchParams) ?? '');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  provider.origin = `http://127.0.0.1:${server.address().port}`;
  provider.stop = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return provider;
}
