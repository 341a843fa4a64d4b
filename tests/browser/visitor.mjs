// A visitor with a browser profile of his own, and what a test may ask of him.
import { chromium } from 'playwright-core';
import { isOurs, needsConsent, purposeOf } from './purposes.mjs';

// The newspaper's tags name real companies: no request may leave this machine.
const nothingOutside = 'MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1';

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    `--host-resolver-rules=${nothingOutside}`,
  ],
});

export const desktop = { width: 1280, height: 900 };
export const phone = { width: 390, height: 844 };

// newVisitor opens an empty profile. Options are those of a Playwright context.
export async function newVisitor(browser, origin, options = {}) {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: desktop, ...options });
  context.setDefaultTimeout(30_000);
  return new Visitor(context, context.pages()[0] ?? await context.newPage(), origin, options.javaScriptEnabled !== false);
}

class Visitor {
  constructor(context, page, origin, scripts) {
    Object.assign(this, { context, page, origin, scripts });
  }

  close() {
    return this.context.close();
  }

  // open returns the answer once the page's tags have written their cookies.
  async open(path) {
    const answer = await this.page.goto(this.origin + path);
    await this.settle();
    return answer;
  }

  async settle() {
    await this.page.waitForLoadState('load');
    // cookieStore works in turn: when this is answered, earlier writes are done.
    if (this.scripts) await this.page.evaluate(() => cookieStore.getAll().then(() => null));
  }

  async walk(paths = ['/', '/articles/', '/articles/phare', '/lettre', '/introuvable', '/contact']) {
    for (const path of paths) await this.open(path);
  }

  get banner() {
    return this.page.locator('form[action="/.privacy/choice"]');
  }

  button(choice) {
    return this.banner.locator(`button[name="choice"][value="${choice}"]`);
  }

  // refuse answers the banner. With scripts it must go without a navigation.
  async refuse() {
    if (!this.scripts) return this.#submit('refuse');
    const answered = this.#answered();
    await this.button('refuse').click();
    await answered;
    return this.banner.waitFor({ state: 'hidden' });
  }

  // accept answers the banner. Every page of the newspaper holds something
  // back, so the page is always loaded anew.
  accept() {
    return this.#submit('accept');
  }

  // prefer keeps exactly the given purposes, on the preferences page.
  async prefer(...purposes) {
    await this.open('/.privacy/');
    for (const box of await this.banner.locator('input[name="purpose"]:not([disabled])').all()) {
      await box.setChecked(purposes.includes(await box.getAttribute('value')));
    }
    await this.#send('save');
  }

  // withdraw takes everything back, on the preferences page.
  async withdraw() {
    await this.open('/.privacy/');
    await this.#send('refuse');
  }

  async #submit(choice) {
    const loaded = this.page.waitForEvent('load');
    await this.button(choice).click();
    await loaded;
    await this.settle();
  }

  async #send(choice) {
    const answered = this.#answered();
    await this.button(choice).click();
    await answered;
    await this.page.waitForLoadState('networkidle');
  }

  #answered() {
    return this.page.waitForResponse((answer) => answer.request().method() === 'POST'
      && new URL(answer.url()).pathname === '/.privacy/choice');
  }

  // jar lists the stored cookies; days is what is left, null for a session.
  async jar() {
    const now = Date.now() / 1000;
    return (await this.context.cookies()).map(({ name, path, expires, httpOnly }) => ({
      name,
      path,
      expires,
      httpOnly,
      purpose: purposeOf(name),
      days: expires < 0 ? null : (expires - now) / 86400,
    }));
  }

  async names(wanted = () => true) {
    return (await this.jar()).filter(wanted).map(({ name }) => name).sort();
  }

  consentBound() {
    return this.names(({ name }) => needsConsent(name));
  }

  // lasting are the cookies of the site that outlive the browser window.
  lasting() {
    return this.names(({ name, days }) => days !== null && !isOurs(name));
  }

  ours() {
    return this.names(({ name }) => isOurs(name));
  }
}
