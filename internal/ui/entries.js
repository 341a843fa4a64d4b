// The entries' script: one page in sixteen tells the gateway the names of what is in the storages of this
// browser, so that the publisher learns what his site keeps there. It is in the pages of those alone who
// agreed to everything, and is silent where the browser says no all the same. Values are never read, and
// nothing is stored to remember what was told.
//
// The text is the same for everybody, so that one hash allows it in a Content-Security-Policy. The
// syntax is ES5.
(function () {
  var names = [], storages, made;

  if (navigator.globalPrivacyControl || navigator.doNotTrack > 0 || Math.random() >= 1 / 16) return;

  function add(name) {
    if (name.length <= 64 && names.indexOf(name) < 0) names.push(name);
  }

  // The choice by which this page was made may be another by now, made in another tab.
  function choice() {
    return (/(?:^| )privacy=([^;]*)/.exec(document.cookie) || [])[1];
  }

  // In a document without an origin of its own, asking for storage throws, and so does asking older
  // browsers for the list of databases. Where storage is switched off it is null, or the list is refused.
  try {
    made = choice();
    storages = [localStorage, sessionStorage];
    addEventListener('pagehide', function () {
      if (choice() !== made || !navigator.sendBeacon) return;
      storages.forEach(function (storage) { Object.keys(storage || {}).forEach(add); });
      navigator.sendBeacon('/.privacy/report', JSON.stringify({entries: names.slice(0, 200)}));
    }, {once: true});
    indexedDB.databases().then(function (databases) {
      databases.forEach(function (database) { add(database.name); });
    }).catch(function () {});
  } catch (refused) {}
})();
