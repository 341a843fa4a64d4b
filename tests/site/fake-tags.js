// The tags of this site belong to companies whose scripts cannot be part of a
// demonstration. This script stands in for them: on every page view it writes
// the cookies they write, for as long as they ask, and renews them as they do.
(() => {
  'use strict';

  const day = 86400;
  const now = Math.floor(Date.now() / 1000);
  const random = () => Math.floor(Math.random() * 2 ** 31);
  const hex = () => random().toString(16).padStart(8, '0');

  const stored = (name) => {
    const pair = document.cookie.split('; ').find((c) => c.startsWith(`${name}=`));
    return pair?.slice(name.length + 1);
  };

  // Name, value of a first visit, lifetime in days.
  const written = [
    ['_ga', `GA1.1.${random()}.${now}`, 730],
    ['_ga_0000000000', `GS2.1.s${now}$o1$g0$t${now}$j60$l0$h0`, 730],
    ['_gid', `GA1.1.${random()}.${now}`, 1],
    ['_gcl_au', `1.1.${random()}.${now}`, 90],
    ['_fbp', `fb.0.${now}000.${random()}`, 90],
    ['_pk_id.1.abcd', `${hex()}${hex()}.${now}.`, 393],
    ['_hjSessionUser_1000000', btoa(`{"id":"${hex()}","created":${now}}`), 365],
    ['cto_bundle', hex() + hex(), 395],
    ['__zlcmid', hex() + hex(), 365],
    ['li_fat_id', `${hex()}-${hex()}`, 30],
  ];
  written.forEach(([name, value, days], i) => {
    const ending = i % 2
      ? `max-age=${days * day}`
      : `expires=${new Date((now + days * day) * 1000).toUTCString()}`;
    document.cookie = `${name}=${stored(name) ?? value}; path=/; ${ending}; SameSite=Lax`;
  });
  document.cookie = '_pk_ses.1.abcd=1; path=/; max-age=1800';

  // Newer tags prefer the Cookie Store API, which only secure contexts have.
  for (const [name, days] of [['_uetvid', 390], ['_ttp', 395]]) {
    window.cookieStore?.set({
      name,
      value: stored(name) ?? hex() + hex(),
      expires: (now + days * day) * 1000,
      path: '/',
    }).catch(() => {});
  }

  try {
    localStorage.setItem('_hjUserAttributesHash', hex());
  } catch {
    // Storage may be refused; tags carry on without it.
  }
})();
