// What a site serves as piano-analytics.js, reduced to what Piano documents of consent: the mode is the
// one stored, or else the default that the page has set, or else opt-in; the queue is carried out when it
// loads, and it fails at commands it does not know.
(() => {
  'use strict';

  const config = { ...JSON.parse(document.currentScript.dataset.config ?? '{}'), ...window._pac };
  const asked = window.pdl?.requireConsent === 'v2';
  const stored = /_pprv=([\w-]+)/.exec(document.cookie)?.[1];
  const modes = [];
  let mode = (asked && (stored ?? window.pdl.consent?.defaultPreset?.PA)) || config.consentDefaultMode || 'opt-in';

  const pa = {
    modes,
    setConfigurations: (more) => { Object.assign(config, more); },
    sendEvent(name) {
      const cookies = mode !== 'opt-out';
      if (cookies) document.cookie = '_pcid=lx1y2z3; max-age=34128000; path=/';
      const request = new XMLHttpRequest();
      request.open('GET', `${config.collectDomain}/event?${new URLSearchParams({ s: config.site, name, mode, cookies })}`, false);
      request.send();
    },
    consent: {
      getMode: () => mode,
      setMode(given) {
        mode = given;
        modes.push(given);
        if (asked) document.cookie = `_pprv=${given}; max-age=34128000; path=/`;
      },
    },
  };

  function carryOut([name, ...given]) {
    const parts = name.split('.');
    const owner = parts.slice(0, -1).reduce((object, part) => object[part], pa);
    owner[parts.at(-1)].apply(owner, given);
  }

  window._paq?.forEach(carryOut);
  window._paq = { push: carryOut };
  window.pa = pa;
})();
