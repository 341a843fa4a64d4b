// What the guard makes of elements and markup that scripts insert, and of the
// settings links of other tools.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startGateway } from './gateway.mjs';
import { launch, newVisitor } from './visitor.mjs';

let browser;
let gateway;
before(async () => {
  gateway = await startGateway();
  browser = await launch();
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

let visitor;
beforeEach(async () => {
  visitor = await newVisitor(browser, gateway.origin);
  await visitor.open('/contact');
});
afterEach(() => visitor.close());

const ask = (question) => visitor.page.evaluate(question);

// Whether the browser connects to anybody is seen in third-parties.test.mjs.
describe('what scripts insert from others', () => {
  it('is no link, by any relation, but from the site itself', async () => {
    const addresses = await ask(() => ['preconnect', 'dns-prefetch', 'stylesheet', 'preload', 'icon'].flatMap((rel) => (
      ['https://widget.example/x', '/style.css'].flatMap((address) => {
        const links = [1, 2].map(() => document.createElement('link'));
        Object.assign(links[0], { rel, as: 'style', href: address });
        links[1].setAttribute('href', address);
        links[1].setAttribute('rel', rel);
        document.head.append(...links);
        return links.map((link) => link.getAttribute('href'));
      }))));
    assert.deepEqual([...new Set(addresses)], [null, '/style.css']);
  });

  it('is no markup with an address of theirs, however it is written', async () => {
    const left = await ask(() => {
      const markup = '<iframe src="https://widget.example/a"></iframe><link rel=preconnect href=//widget.example>'
        + "<img alt='' src='/own.png'><img src='https://widget.example/b'><object data=https://widget.example/c></object>"
        + '<script src="https://widget.example/d"></' + 'script><p title="src=x">as it was</p>';
      const nodes = [1, 2, 3].map(() => document.body.appendChild(document.createElement('div')));
      nodes[0].innerHTML = markup;
      nodes[1].appendChild(document.createElement('b')).outerHTML = markup;
      nodes[2].insertAdjacentHTML('beforeend', markup);
      const written = document.implementation.createHTMLDocument('');
      written.write(markup);
      return [...nodes, written.documentElement].map((node) => (
        [...node.querySelectorAll('[src],[href],[data],p')].map((found) => found.outerHTML.replace(/ data-held.*"/, '')).join('')));
    });
    const place = `<iframe src="${gateway.origin}/.privacy/held?host=widget.example"></iframe>`;
    assert.deepEqual([...new Set(left)], [`${place}<img alt="" src="/own.png"><p title="src=x">as it was</p>`]);
  });

  it('leaves trusted markup alone', async () => {
    const found = await ask(() => {
      const policy = trustedTypes.createPolicy('ours', { createHTML: (text) => text });
      const node = document.createElement('div');
      node.innerHTML = policy.createHTML('<img src="https://widget.example/x" data-trusted>');
      return node.firstChild.getAttribute('src');
    });
    assert.equal(found, 'https://widget.example/x');
  });

  it('is no rules for what to load ahead', async () => {
    const types = await ask(() => ['property', 'attribute'].map((way) => {
      const script = document.createElement('script');
      if (way === 'property') script.type = 'speculationrules';
      else script.setAttribute('type', 'speculationrules');
      script.textContent = '{"prefetch":[{"urls":["https://widget.example/x"],"eagerness":"immediate"}]}';
      document.head.append(script);
      return script.type;
    }));
    assert.deepEqual(types, ['x', 'x']);
  });

  it('is all there once all is accepted', async () => {
    await visitor.accept();
    const found = await ask(() => {
      const node = document.createElement('div');
      node.innerHTML = '<img src="https://widget.example/x">';
      const script = Object.assign(document.createElement('script'), { type: 'speculationrules' });
      const link = Object.assign(document.createElement('link'), { href: 'https://widget.example/' });
      return [node.innerHTML, script.type, link.href];
    });
    // Speculation rules are about speed alone, and may name anybody.
    assert.deepEqual(found, ['<img src="https://widget.example/x">', 'x', 'https://widget.example/']);
  });
});

describe('the settings links of other tools', () => {
  const others = [
    '<a href="#tarteaucitron">Cookies</a>', '<button data-cc="show-preferencesModal"><b>Cookies</b></button>',
    '<a class="ot-sdk-show-settings" onclick="window.opened = 1">Cookies</a>', '<a href="javascript:Cookiebot.renew()">Cookies</a>',
  ];
  for (const answered of [false, true]) {
    it(`lead to the choice ${answered ? 'after' : 'before'} it is made`, async () => {
      for (const markup of others) {
        if (answered && await visitor.banner.isVisible()) await visitor.refuse();
        await visitor.page.evaluate((markup) => document.querySelector('main').insertAdjacentHTML('afterbegin', markup), markup);
        await visitor.page.locator('main > :first-child').dispatchEvent('click');
        await visitor.page.waitForURL('**/.privacy/?lang=fr#choices');
        await visitor.open('/contact');
      }
    });
  }

  it('are not any others', async () => {
    await ask(() => {
      document.querySelector('main').insertAdjacentHTML('afterbegin', '<a href="#here">Here</a>');
      document.querySelector('main > a').click();
      document.dispatchEvent(new Event('click'));
    });
    assert.equal(new URL(visitor.page.url()).pathname + new URL(visitor.page.url()).hash, '/contact#here');
  });
});
