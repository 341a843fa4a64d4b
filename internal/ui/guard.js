// The guard: the first script of <head>. It holds cookies written by scripts to the decisions the
// gateway made for this visitor, and sends the choice form without leaving the page.
//
// The text is the same for everybody, so that one hash allows it in a Content-Security-Policy; what
// differs comes in the data attributes of its own element, which goes once it is read. All state
// lives in this closure: nothing is left behind that a later script could change.
//
// The syntax is ES5. Browsers too old to know Reflect (before 2017) are left to the gateway alone,
// which strips at the next request what a script wrote.
(function () {
  if (!self.Reflect) return;
  var rules = {}, sent, set;

  // The bound comes in seconds from now, because clocks of visitors are often wrong.
  function adopt(given) {
    Object.assign(rules, given).left = Date.now() + given.left * 1000;
  }

  // A list holds names, and beginnings of names followed by a star, separated by spaces.
  function has(list, name) {
    return list.split(' ').some(function (entry) {
      return entry === name || entry === name.slice(0, entry.length - 1) + '*';
    });
  }

  // grant answers what may be written: undefined for nothing, -1 for a session cookie, or the seconds
  // granted out of the age asked for (none asked for: a session cookie). The gateway alone writes our
  // own record; deletions of all else pass; a missing rule or a bound that is past refuses.
  // A leading "=" makes a cookie without a name whose value is sent as if it had one: it is judged by
  // that name.
  function grant(line, age) {
    var name = /[^\s=;][^=;]*|$/.exec(line)[0].trim(), left = (rules.left - Date.now()) / 1000;
    if (/^(__\w+-)?privacy$/.test(name)) return;
    if (age <= 0) return 0;
    name = has(rules.drop, name) || (has(rules.keep, name) ? 'keep' : rules.other);
    if (name === 'keep' && left > 0) return age > 0 ? Math.min(age, left) | 0 : -1;
    if (name === 'session' && !age) return -1;
    rules.held = 1;
    if (name === 'session') return -1;
  }

  adopt(document.currentScript.dataset);
  document.currentScript.remove();

  // On the prototype and on the document, because a property of the document's own hides the other.
  // A page instrumented before us may hold the property already, and may refuse to give it up.
  // Deleted first, what we define is neither writable nor configurable.
  //
  // Every lifetime in the line is removed and the granted one appended, so it does not matter how a
  // browser reads odd or repeated attributes.
  [Document.prototype, document].forEach(function (owner) {
    var own = set = Object.getOwnPropertyDescriptor(owner, 'cookie') || set;
    delete owner.cookie;
    Reflect.defineProperty(owner, 'cookie', {get: own.get, set: function (line) {
      var age, date;
      line = ('' + line).replace(/;\s*(?:(max-age)|expires)\s*=([^;]*)/gi, function (all, key, value) {
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
    [CookieStore.prototype, cookieStore].forEach(function (owner) {
      delete owner.set;
      Reflect.defineProperty(owner, 'set', {value: function (name, value) {
        var cookie = Object.assign({}, value == null ? name : {name: name, value: value});
        var age = cookie.expires == null ? NaN : (cookie.expires - Date.now()) / 1000;
        age = grant(cookie.name += '', cookie.maxAge == null ? age : cookie.maxAge);
        delete cookie.maxAge;
        cookie.expires = age < 0 ? null : Date.now() + age * 1000;
        return age == null ? Promise.resolve() : set.call(this, cookie);
      }});
    });
  }

  // The choice form works without this. With it, refusing hides the panel at once, and accepting
  // reloads the page only when something on it was held back. Whatever fails, the form is sent as the
  // browser would have sent it. The panel, which held the focus, is what the form stands in: the focus
  // goes to the start of the page, where the panel was, without scrolling.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (sent || !form.matches('.say-form')) return;
    event.preventDefault();
    fetch(form.action, {
      method: 'POST',
      headers: {Accept: 'application/json'},
      body: new URLSearchParams(new FormData(form, event.submitter))
    }).then(function (answer) {
      return answer.json();
    }).then(function (answer) {
      adopt(answer.guard);
      if (answer.reload && rules.held) return location.reload();
      form.parentNode.remove();
      document.body.tabIndex = -1;
      document.body.focus({preventScroll: true});
    }).catch(function () {
      sent = 1;
      event.submitter.click();
    });
  }, true);
})();
