// The panel's script. The form of the choice works without it. With it, refusing hides the panel at
// once, and accepting loads the page anew only when something on it was held back. Whatever fails, the
// form is sent as the browser would have sent it.
//
// The text is the same for everybody, so that one hash allows it in a Content-Security-Policy. The
// syntax is ES5.
(function () {
  var panel = document.currentScript.previousElementSibling, form = panel.querySelector('.say-form'), sent;

  // The gateway marks what it held back at the end of the page, and the guard on the root element.
  function lacks() {
    return document.readyState === 'loading' || document.querySelector('[data-held]');
  }

  // The panel held the focus: it goes to the start of the page, where the panel was, without scrolling.
  function hide() {
    panel.remove();
    document.body.tabIndex = -1;
    document.body.focus({preventScroll: true});
  }

  // The tags of others are told again, as the guard has told them before. The link's script tells Piano
  // Analytics, at the event. Matomo comes last: something else may bear its name, such as an element.
  function tell(signals, method) {
    function gtag() { dataLayer.push(arguments); }

    Object.assign(sayTold, signals);
    gtag('consent', 'update', signals.google);
    gtag('set', signals.set);
    uetq.push('consent', 'update', signals.uet);
    clarity('consentv2', signals.clarity);
    dataLayer.push({event: 'consent_update', categories: signals.categories, method: method});
    document.dispatchEvent(new CustomEvent('wp_listen_for_consent_change', {detail: signals.wp}));
    if (self.Matomo) Matomo.getAsyncTrackers().forEach(function (tracker) { tracker[signals.matomo](); });
  }

  // Without a submitter it is not known which answer was given: only the browser itself can send it.
  addEventListener('submit', function (event) {
    var button = event.submitter, fields;
    if (sent || event.target !== form || !button || !self.fetch) return;
    event.preventDefault();
    fields = new URLSearchParams(new FormData(form));
    fields.append(button.name, button.value);
    fetch(form.action, {method: 'POST', headers: {Accept: 'application/json'}, body: fields}).then(function (answer) {
      return answer.json();
    }).then(function (answer) {
      if (!answer.signals) throw answer;
      if (answer.reload && lacks()) return location.reload();
      hide();
      tell(answer.signals, button.value);
    }).catch(function () {
      sent = true;
      button.click();
    });
  }, true);
})();
