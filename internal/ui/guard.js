// The guard: the first script of <head>. It holds what a page's own scripts store and load to the
// decisions the gateway made for this visitor, and tells the tags of others what was decided. What it
// refuses it notes on the root element, as data-held: accepting has to load such a page anew.
//
// The text is the same for everybody, so that one hash allows it in a Content-Security-Policy; what
// differs comes in the data attributes of its own element, which goes once it is read. All state
// lives in this closure: a later script can change what other tags are told, never what is held.
//
// The syntax is ES5. Browsers too old to know Reflect (before 2017) are left to the gateway alone,
// which strips at the next request what a script wrote.
(function () {
  if (!self.Reflect) return;

  // The bound comes in seconds from now, because clocks of visitors are often wrong.
  var root = document.documentElement, script = document.currentScript, rules = script.dataset;
  var until = Date.now() + rules.left * 1000;
  var signals, set, link = document.createElement('a'), area, open, session;

  script.remove();

  function note(instead) {
    root.dataset.held = 1;
    return instead;
  }

  // A list holds names, and beginnings of names followed by a star, separated by spaces.
  function has(list, name) {
    return list.split(' ').some(function (entry) {
      return entry === name || entry === name.slice(0, entry.length - 1) + '*';
    });
  }

  // fate answers what becomes of a name: 1 for kept, 0 for kept until the session ends, undefined for
  // refused. To what is brief, ending with the session in any case, the first two are the same. A
  // missing rule refuses, and so does a bound that is past.
  function fate(name, brief) {
    name = String(name);
    name = has(rules.drop, name) || (has(rules.keep, name) ? 'keep' : rules.other);
    if (name === 'keep' && until > Date.now() || brief && name === 'session') return 1;
    note();
    if (name === 'session') return 0;
  }

  // grant answers how a cookie may be written: undefined for not at all, -1 for a session cookie, or the
  // seconds granted out of the age asked for (none asked for: a session cookie). The gateway alone
  // writes our own record; deletions of all else pass.
  // A leading "=" makes a cookie without a name whose value is sent as if it had one: it is judged by
  // that name.
  function grant(line, age) {
    var name = /[^\s=;][^=;]*|$/.exec(line)[0].trim(), kept;
    if (/^(__\w+-)?privacy$/.test(name)) return;
    if (age <= 0) return 0;
    kept = fate(name, !age);
    if (kept != null) return kept && age > 0 ? Math.min(age, (until - Date.now()) / 1000) | 0 : -1;
  }

  // On the prototype and on the document, because a property of the document's own hides the other.
  // A page instrumented before us may hold the property already, and may refuse to give it up.
  // Deleted first, what we define is neither writable nor configurable.
  //
  // Every lifetime in the line is removed and the granted one appended, so it does not matter how a
  // browser reads odd or repeated attributes.
  [Document.prototype, document].forEach(function (owner) {
    var own = set = Reflect.getOwnPropertyDescriptor(owner, 'cookie') || set;
    delete owner.cookie;
    Reflect.defineProperty(owner, 'cookie', {get: own.get, set: function (line) {
      var age, date;
      line = String(line).replace(/;\s*(?:(max-age)|expires)\s*=([^;]*)/gi, function (all, key, value) {
        if (!key) date = (Date.parse(isNaN(value) && value) - Date.now()) / 1000;
        else if (/^\s*-?\d+\s*$/.test(value)) age = value;
        return '';
      });
      age = grant(line, age || date);
      if (age != null) own.set.call(this, age < 0 ? line : line + ';max-age=' + age);
    }});
  });

  if (self.cookieStore) {
    set = cookieStore.set;
    delete CookieStore.prototype.set;
    Reflect.defineProperty(CookieStore.prototype, 'set', {value: function (name, value) {
      var cookie = Object.assign({}, value == null ? name : {name: name, value: value});
      var age = cookie.expires == null ? NaN : (cookie.expires - Date.now()) / 1000;
      age = grant(cookie.name += '', cookie.maxAge == null ? age : cookie.maxAge);
      delete cookie.maxAge;
      cookie.expires = age < 0 ? null : Date.now() + age * 1000;
      return age == null ? Promise.resolve() : set.call(this, cookie);
    }});
  }

  // Storage is judged by the names of its entries. Pages get a view of it instead of the storage
  // itself, because entries are written like any property, too; the methods work on both. What may
  // last until the session ends is kept in sessionStorage, under a name that tells it from the site's
  // own there, and is read from where it is.
  //
  // At the start every entry is written anew, which moves it to where it belongs by now and changes
  // none that is there: this ends what was refused, withdrawn, or kept for its whole term. A database
  // cannot be kept until the session ends: it is refused and deleted, or left alone.
  //
  // In a document without an origin of its own, asking for storage throws, and so does asking older
  // browsers for the list of databases.
  try {
    session = sessionStorage;
    Object.assign(Storage.prototype, {
      getItem: function (name) {
        name = Reflect.getOwnPropertyDescriptor(this, name);
        return name ? name.value : null;
      },
      setItem: function (name, value) { this[name] = value; },
      removeItem: function (name) { delete this[name]; },
      clear: function () { Object.keys(this).forEach(this.removeItem, this); },
      key: function (index) { return Object.keys(this)[index] || null; }
    });
    Reflect.defineProperty(Storage.prototype, 'length', {get: function () {
      return Object.keys(this).length;
    }});

    ['localStorage', 'sessionStorage'].forEach(function (kind, brief) {
      var aside = brief ? {} : session, view, traps = {
        set: function (real, name, value) {
          var kept = fate(name, brief);
          if (!kept) delete real[name];
          else if (real[name] !== value) real[name] = value;
          if (kept === 0) aside[spare(name)] = value;
          else delete aside[spare(name)];
          return true;
        },
        defineProperty: function (real, name, given) {
          view[name] = given.value;
          return true;
        },
        deleteProperty: function (real, name) {
          delete aside[spare(name)];
          return delete real[name];
        },
        ownKeys: function (real) {
          var names = Object.assign({}, real), name;
          for (name in aside) if (!name.indexOf('say-')) names[name.slice(4)] = 1;
          return Object.keys(names);
        }
      };

      function spare(name) { return 'say-' + String(name); }

      ['get', 'has', 'getOwnPropertyDescriptor'].forEach(function (trap) {
        traps[trap] = function (real, name, receiver) {
          return name in real ? Reflect[trap](real, name, receiver) : Reflect[trap](aside, spare(name));
        };
      });
      view = new Proxy(self[kind], traps);
      Reflect.defineProperty(self, kind, {value: view});
      Object.assign(view, view);
    });

    // Events name the storage itself: pages are told of their view of it.
    area = Reflect.getOwnPropertyDescriptor(StorageEvent.prototype, 'storageArea').get;
    Reflect.defineProperty(StorageEvent.prototype, 'storageArea', {get: function () {
      var real = area.call(this);
      return real === session ? sessionStorage : real && localStorage;
    }});

    open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (name) {
      if (!fate(name, 1)) throw new DOMException('', 'SecurityError');
      return open.apply(this, arguments);
    };
    indexedDB.databases().then(function (databases) {
      databases.forEach(function (database) {
        if (!fate(database.name, 1)) indexedDB.deleteDatabase(database.name);
      });
    });
  } catch (refused) {}

  // A host is allowed with all that lies below it.
  function allowed(host) {
    var above = /\.(.+)/.exec(host);
    return has(rules.hosts, host) || above && allowed(above[1]);
  }

  // judge answers what becomes of an attribute of an element, named by its tag: undefined for nothing,
  // '' for refused, or what is written instead. A refused frame shows the page that stands in for it.
  // Speculation rules may name anybody, and are about speed alone.
  function judge(tag, name, value) {
    var all = tag + ' ' + name + ' ' + value;
    if (/^script type \s*speculationrules/i.test(all)) return note('x');
    if (/^(link href|object data|(script|i?frame|img|embed) src) /i.test(all)) {
      link.href = value;
      if (link.hostname && !allowed(link.hostname)) {
        return note(/^if/i.test(all) ? origin + '/.privacy/held?host=' + escape(link.hostname) : '');
      }
    }
  }

  // clean renames in markup what is refused, as the gateway does it. Nothing is added that could end a
  // value or a tag. Trusted types are no strings, and stay what they are.
  function clean(markup) {
    return typeof markup !== 'string' ? markup : markup.replace(/<(\w+)\s[^>]+/g, function (start, tag) {
      return start.replace(/(["'\s])(src|href|data|type)(?=\s*=["'\s]*([^"'\s>]+))/gi, function (all, before, name, value) {
        var instead = judge(tag, name, value);
        return instead == null ? all : before + (instead && name + '=' + instead + ' ') + 'data-held-' + name;
      });
    });
  }

  // Elements and markup are judged before the browser gets them. The Content-Security-Policy would
  // refuse what they load, too, but browsers connect to the host of a frame or a link all the same.
  if (rules.hosts !== '*') {
    [Document, Element, HTMLLinkElement, HTMLImageElement, HTMLIFrameElement, HTMLScriptElement].forEach(function (type) {
      var names = 'setAttribute src href type innerHTML outerHTML insertAdjacentHTML write writeln';
      names.split(' ').forEach(function (name, n) {
        var own = Reflect.getOwnPropertyDescriptor(type.prototype, name) || {};
        var kind = own.set ? 'set' : 'value', method = own[kind];
        own[kind] = function () {
          var given = arguments, last = given.length - 1, instead;
          if (n > 3) given = [].map.call(given, clean);
          else {
            instead = judge(this.tagName, last ? given[0] : name, given[last]);
            if (instead) given[last] = instead;
          }
          if (instead !== '') return method.apply(this, given);
        };
        if (method) Reflect.defineProperty(type.prototype, name, own);
      });
    });
  }

  // The tags of others are told before they load (Google Consent Mode v2, Microsoft UET and Clarity, WP
  // Consent API, Piano Analytics, Matomo). The scripts at the end of the page tell them again.
  self.sayTold = signals = JSON.parse(rules.signals);

  function gtag() { dataLayer.push(arguments); }

  self.dataLayer = self.dataLayer || [];
  gtag('consent', 'default', signals.google);
  gtag('set', signals.set);
  self.uetq = self.uetq || [];
  uetq.push('consent', 'default', signals.uet);
  self.clarity = self.clarity || function () { (clarity.q = clarity.q || []).push(arguments); };
  clarity('consentv2', signals.clarity);
  self.wp_consent_type = 'optin';
  self.wp_has_consent = function (category) { return signals.wp[category] === 'allow'; };
  self.pdl = signals.pdl;

  // Matomo's queue is Piano's, too, which fails at commands of Matomo's, and a queue that is not empty
  // makes Matomo set up a tracker where the page wants none. So each tracker is told as soon as it is
  // there, before its first command, and again after those that waited: a site's own requireConsent may
  // be among them. Who opted out at Matomo itself stays out.
  self.matomoPluginAsyncInit = [function () {
    Matomo.on('TrackerSetup', function (tracker) {
      function tell() { if (!/mtm_consent_r/.test(document.cookie)) tracker[signals.matomo](); }

      tell();
      Promise.resolve().then(tell);
    });
  }];
})();
