// The link's script, at the end of every page.
//
// The text is the same for everybody, so that one hash allows it in a Content-Security-Policy. The
// syntax is ES5.
(function () {
  var script = document.currentScript, settings = script.dataset.settings, made;
  var link = script.previousElementSibling.firstChild;

  // The links and buttons by which the page opens the settings of another consent tool lead to the same
  // place as the link. Which these are is a selector in the data attribute.
  addEventListener('click', function (event) {
    if (!event.target.closest || !event.target.closest(settings)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    location = link.href + '#choices';
  }, true);

  // A page that comes back as it was left is loaded anew if the choice is another by now.
  addEventListener('pageshow', function (event) {
    var mirror = (/(?:^| )privacy=([^;]*)/.exec(document.cookie) || [])[1];
    if (event.persisted && mirror !== made) location.reload();
    made = mirror;
  });

  // Piano Analytics is told here, because what a site sets for it comes between the guard and this. A mode
  // of the site's own stands, such as that of audience measurement exempt from consent, unless the
  // visitor agreed, is answering now, or is said to have agreed, as Piano assumes if nothing is said.
  function tell(event) {
    var mode = sayTold.piano, consent = pdl.consent = pdl.consent || {};
    var first = consent.defaultPreset = consent.defaultPreset || {};
    var there = self.pa && pa.consent, now = there ? there.getMode() : first.PA || 'opt-in';
    if (!event && mode !== 'opt-in' && now !== 'opt-in') return;
    first.PA = mode;
    if (there) there.setMode(mode);
  }

  if (!self.sayTold) return; // the guard leaves old browsers alone
  document.addEventListener('wp_listen_for_consent_change', tell);
  tell();
})();
