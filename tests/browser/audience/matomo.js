// What a site serves as matomo.js, reduced to what Matomo documents of consent: the commands that wait
// are carried out, some before all others, by every tracker; plugins come first; a tracker is set up
// only for a page that left commands. Each command carried out is noted. Tests need not wait for
// requests: they are done before the script goes on.
(() => {
  'use strict';

  const listeners = {};
  const trackers = [];
  const matomo = {
    on: (event, listener) => { (listeners[event] ??= []).push(listener); },
    getAsyncTrackers: () => trackers,
    addTracker(address, site) {
      trackers.push(new Tracker(address, site));
      if (trackers.length === 1) setUp();
      return trackers.at(-1);
    },
  };
  const first = [
    'addTracker', 'forgetCookieConsentGiven', 'requireCookieConsent', 'disableCookies', 'setTrackerUrl', 'setSiteId',
    'enableLinkTracking', 'setCookieConsentGiven', 'requireConsent', 'setConsentGiven',
  ];
  const onlyFirst = ['addTracker', 'setTrackerUrl', 'setSiteId'];
  const optedOut = () => document.cookie.includes('mtm_consent_removed');

  class Tracker {
    #waiting = [];
    #consent = !optedOut();
    #cookies = true;
    #sent = false;

    constructor(address, site) {
      this.commands = [];
      for (const name of Object.getOwnPropertyNames(Tracker.prototype).slice(1)) {
        this[name] = (...given) => {
          this.commands.push(name);
          return Tracker.prototype[name].apply(this, given);
        };
      }
      Object.assign(this, { address, site });
      listeners.TrackerSetup?.forEach((listener) => listener(this));
    }

    addTracker(address, site) { trackers.push(new Tracker(address, site)); }

    setTrackerUrl(address) { this.address = address; }

    setSiteId(site) { this.site = site; }

    enableLinkTracking() {}

    trackPageView() { this.#request('pageview'); }

    disableCookies() { this.#cookies = false; }

    requireCookieConsent() { this.#cookies = document.cookie.includes('mtm_cookie_consent'); }

    setCookieConsentGiven() {
      if (this.#cookies) return;
      this.#cookies = true;
      if (this.#sent) this.#request('ping');
    }

    forgetCookieConsentGiven() {
      document.cookie = 'mtm_cookie_consent=; max-age=0; path=/';
      this.#cookies = false;
    }

    requireConsent() {
      this.#consent = document.cookie.includes('mtm_consent=');
      this.#cookies &&= this.#consent;
    }

    setConsentGiven() {
      this.#consent = true;
      document.cookie = 'mtm_consent_removed=; max-age=0; path=/';
      for (const kind of this.#waiting.splice(0)) this.#request(kind);
      Tracker.prototype.setCookieConsentGiven.call(this);
    }

    forgetConsentGiven() {
      document.cookie = `mtm_consent_removed=${Date.now()}; max-age=946080000; path=/`;
      this.#consent = false;
      this.#cookies = false;
    }

    #request(kind) {
      if (!this.#consent) return void this.#waiting.push(kind);
      this.#sent = true;
      if (this.#cookies) document.cookie = `_pk_id.${this.site}.1fff=0123456789abcdef.1.; max-age=33955200; path=/`;
      const request = new XMLHttpRequest();
      request.open('GET', `${this.address}?${new URLSearchParams({ idsite: this.site, kind, cookies: this.#cookies })}`, false);
      request.send();
    }
  }

  function carryOut([name, ...given]) {
    for (const tracker of onlyFirst.includes(name) ? trackers.slice(0, 1) : trackers) {
      if (!tracker[name]) throw new TypeError(`The method '${name}' was not found in "_paq" variable.`);
      tracker[name](...given);
    }
  }

  function setUp() {
    const waiting = [...(window._paq ?? [])];
    for (const name of first) waiting.filter((command) => command[0] === name).forEach(carryOut);
    waiting.filter((command) => !first.includes(command[0])).forEach(carryOut);
    window._paq = { push: (...commands) => commands.forEach(carryOut) };
  }

  window.Matomo = matomo;
  window.matomoPluginAsyncInit?.forEach((start) => start());
  window.matomoAsyncInit?.();
  if (trackers.length === 0 && window._paq?.length) matomo.addTracker();
})();
