// The forms' script: it gets the proof that a protected form needs. It starts when somebody touches such
// a form, is done before he has filled it in, and where it is not, the form waits for it. Whatever fails,
// the form is sent as the browser would have sent it: the gateway then asks for the proof afterwards.
//
// Where forms come from does not matter, nor whether they are drawn anew: all it listens to is the
// window. Nothing is loaded from elsewhere unless the gateway's answer names a provider, as it does for
// visitors who agreed to that.
//
// The text is the same for everybody. What differs comes in the data attributes of its own element:
// routes, the protected paths; fold, where letters of either case are the same in them; words, for
// people; step, in the page that asks for the proof afterwards: the route of its form. The syntax is ES5.
(function () {
  var script, data, words, own, prototype, submit, policy, passing, kept;
  var proofs = {}; // by route: what is under way, or ready
  var given = {}; // by route: what a form was just sent with, for the request that its page makes of that
  var loading = {}; // by address: the scripts of providers
  var busy, leading, minters; // forms: until when they are not sent again; requests: their route; forms: what makes tokens for them

  function none() {}

  function each(root, selector, visit) { return [].map.call(root.querySelectorAll(selector), visit); }

  function create(name) { return document.createElement(name); }

  // ---- Proof of work, as ALTCHA has it (version 2): a counter is looked for with which the derived key
  // begins as the challenge demands.

  function hex(bytes) {
    return [].map.call(new Uint8Array(bytes), function (byte) { return (256 + byte).toString(16).slice(1); }).join('');
  }

  function bytes(text) {
    return text.match(/../g).map(function (pair) { return parseInt(pair, 16); });
  }

  function solve(challenge) {
    var asked = challenge.parameters, start = Date.now(), counter = 0, found;

    return new Promise(function (resolve, reject) {
      function attempt() {
        var mine = counter++, password = bytes(asked.nonce).concat(mine >>> 24, mine >> 16 & 255, mine >> 8 & 255, mine & 255);

        if (found) return;
        crypto.subtle.importKey('raw', new Uint8Array(password), 'PBKDF2', false, ['deriveBits']).then(function (key) {
          return crypto.subtle.deriveBits({
            name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(bytes(asked.salt)), iterations: asked.cost
          }, key, asked.keyLength * 8);
        }).then(function (key) {
          key = hex(key);
          if (key.indexOf(asked.keyPrefix)) return attempt();
          found = true;
          resolve(btoa(JSON.stringify({
            challenge: {parameters: asked, signature: challenge.signature},
            solution: {counter: mine, derivedKey: key, time: Date.now() - start}
          })));
        }).catch(reject);
      }

      if (asked.algorithm !== 'PBKDF2/SHA-256') return reject();
      for (var i = 4; i--;) attempt(); // browsers work on several at a time
    });
  }

  // As a worker, this solves what it is sent, and does nothing else.
  if (!self.document) {
    onmessage = function (event) { solve(event.data).catch(none).then(postMessage); };
    return;
  }

  // Where workers are refused, the work is done here, between other things.
  function work(challenge) {
    return new Promise(function (resolve, reject) {
      var worker = new Worker(script.src);

      worker.onerror = reject;
      worker.onmessage = function (event) {
        worker.terminate();
        (event.data ? resolve : reject)(event.data);
      };
      worker.postMessage(challenge);
    }).catch(function () { return solve(challenge); });
  }

  // ---- Where things lead.

  function plain(path) {
    try { path = decodeURIComponent(path); } catch (odd) {}
    path = path.replace(/;[^/]*/g, '').replace(/[\\/]+/g, '/');
    return data.fold == null ? path : path.toLowerCase();
  }

  // sends answers whether something is sent to an address of the site.
  function sends(address, method) {
    try {
      return method && !/^(get|head|options|trace)$/i.test(method) && new URL(address, document.baseURI).origin === origin;
    } catch (odd) {}
  }

  // route answers which protected path an address falls under, if something is sent there. The gateway
  // looks at more ways to write one: for those it asks afterwards.
  function route(address, method) {
    if (!sends(address, method)) return;
    var path = plain(new URL(address, document.baseURI).pathname), names = [path, path.replace(/\/(index|default)\.\w+(?=\/|$)/g, '')];

    names = names.concat(names.map(function (name) { return name.replace(/\.\w+$/, ''); }));
    return data.routes.split(' ').filter(function (pattern) {
      var begin = plain(pattern), star = /\*$/.test(begin);

      begin = star ? begin.slice(0, -1) : begin.replace(/\/$/, '') + '/';
      star = star || /\.[^/]+\/$/.test(begin);
      return names.some(function (name) {
        name = name.replace(/\/$/, '') + '/';
        return star ? !name.indexOf(begin) : name === begin;
      });
    })[0];
  }

  // Fields of a form hide its properties where they have their names: attributes they cannot hide.
  function attribute(element, name) {
    return element && Element.prototype.getAttribute.call(element, name);
  }

  function leads(form, button) {
    var action = attribute(button, 'formaction');

    if (data.step) return data.step;
    if (action == null) action = attribute(form, 'action');
    return route(action || location.href, attribute(button, 'formmethod') || attribute(form, 'method'));
  }

  // ---- What is put into forms.

  function put(form, name, kind) {
    var element = create(name);

    element.type = kind;
    return form.insertBefore(element, form.firstChild);
  }

  function fill(form, token) {
    var field = form.querySelector('[name=say-token]');

    if (!field) {
      field = put(form, 'input', 'hidden');
      field.name = 'say-token';
    }
    field.value = token || '';
    // What providers add would reach the site.
    each(form, '.say-mount [name]', function (field) { field.removeAttribute('name'); });
  }

  // mount is where the visitor sees something of all this: before the first button that sends the form.
  function mount(form) {
    var place = form.querySelector('.say-mount'), button, link;

    if (!place) {
      place = create('span');
      place.className = 'say-mount';
      place.style.display = 'block';
      button = form.querySelector('[type=submit],[type=image],button:not([type])');
      if (button) button.parentNode.insertBefore(place, button);
      else form.appendChild(place);
      if (words.use) {
        place.textContent = words.offer + ' ';
        link = place.appendChild(create('a'));
        link.href = '/.privacy/';
        link.dataset.allow = words.service;
        link.textContent = words.use;
      }
    }
    return place;
  }

  // say tells what the form waits for: at once to who listens, and after a second to who looks, too.
  function say(form, text) {
    var status = form.querySelector('.say-status');

    if (!status) {
      status = put(form, 'span');
      status.className = 'say-status';
      status.role = 'status';
    }
    status.style.cssText = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';
    setTimeout(function () {
      if (!status.textContent) return;
      mount(form).appendChild(status);
      status.style.cssText = 'display:block';
    }, 1000);
    status.textContent = text || '';
    form.ariaBusy = !!text;
  }

  // ---- Providers: their scripts are loaded, and make tokens when the form is sent.

  function load(address) {
    return loading[address] = loading[address] || new Promise(function (resolve, reject) {
      var element = create('script');

      try {
        policy = policy || self.trustedTypes && trustedTypes.createPolicy('say', {createScriptURL: String});
      } catch (refused) {}
      element.src = policy ? policy.createScriptURL(address) : address;
      element.nonce = script.nonce;
      element.onload = resolve;
      element.onerror = reject;
      if (!element.src) reject();
      setTimeout(reject, 8e3);
      document.head.appendChild(element);
    });
  }

  // minting promises the function that makes tokens of a provider, each the promise of one.
  function minting(provider, form) {
    var api, id, last, answer = {reject: none}, options = provider.options;

    function done(token) {
      last = token;
      if (answer.resolve) answer.resolve(token);
    }

    function over() { last = 0; }

    function failed() { answer.reject(); }

    function show() {
      var place = mount(form).appendChild(create('span'));

      place.style.display = 'block';
      if (api.createWidget) {
        id = api.createWidget(Object.assign({element: place}, options));
        id.addEventListener('frc:widget.complete', function (event) { done(event.detail.response); });
        id.addEventListener('frc:widget.error', failed);
        id.addEventListener('frc:widget.expire', over);
      } else {
        id = api.render(place, Object.assign({
          callback: done, 'expired-callback': over, 'error-callback': failed
        }, options));
      }
    }

    return load(provider.script).then(function () {
      api = provider.api.split('.').reduce(function (object, name) { return object[name]; }, self);
      return provider.waits && new Promise(function (resolve, reject) {
        api.ready(resolve);
        setTimeout(reject, 8e3);
      });
    }).then(function () {
      if (provider.shows) show();
      return function () {
        return new Promise(function (resolve, reject) {
          answer = {resolve: resolve, reject: reject};
          if (!provider.shows) {
            setTimeout(reject, 8e3);
            api.execute(options.sitekey, {action: options.action}).then(resolve, reject);
          } else if (last) resolve(last);
          else if (provider.shows === 'late') api.execute(id);
          else say(form, words.check);
        }).then(function (token) {
          if (provider.shows) (api.createWidget ? id : api).reset(id);
          last = 0;
          return provider.name + ':' + token;
        });
      };
    });
  }

  // ---- Proofs.

  // The choice of this visitor may be another by now, made in another tab.
  function choice() {
    return (/(?:^| )privacy=([^;]*)/.exec(document.cookie) || [])[1];
  }

  function ask(to) {
    return own('/.privacy/challenge?form=' + encodeURIComponent(to), {cache: 'no-store'}).then(function (response) {
      if (!response.ok) throw response;
      return response.json().then(function (answer) {
        // Clocks of visitors are often wrong.
        answer.life = Math.max(answer.parameters.expiresAt * 1e3 - Date.parse(response.headers.get('date')) - 2e4, 9e3) || 6e4;
        return answer;
      });
    });
  }

  // prepare begins what a form of the route will need, unless that was done.
  function prepare(to, form) {
    var proof = proofs[to];

    if (proof && proof.until > Date.now() && (!proof.form || proof.form === form)) return proof;
    proof = proofs[to] = {until: Infinity};
    proof.ready = ask(to).then(function (answer) {
      var provider = answer.provider, minted;

      function prove() {
        return work(answer).then(function (token) {
          proof.token = token;
          proof.until = Date.now() + answer.life;
          if (form && proofs[to] === proof) fill(form, token);
        });
      }

      if (!provider || provider.shows && !form) return prove();
      minted = minters.get(form) || minting(provider, form);
      if (provider.shows) minters.set(form, minted);
      return minted.then(function (mint) {
        var made = choice();

        proof.form = provider.shows && form;
        proof.mint = function () {
          return (made === choice() ? mint() : Promise.reject()).catch(function () { return ask(to).then(work); });
        };
      }).catch(prove);
    });
    proof.ready.catch(function () {
      if (proofs[to] === proof) delete proofs[to];
    });
    return proof;
  }

  // take answers with a proof that is ready. It is good once.
  function take(to) {
    var proof = proofs[to];

    if (!proof || !proof.token || proof.until < Date.now()) return;
    delete proofs[to];
    return proof.token;
  }

  // obtain promises a proof.
  function obtain(to, form) {
    return prepare(to, form).ready.then(function () {
      return take(to) || (proofs[to] && proofs[to].mint || function () { return obtain(to, form); })();
    });
  }

  // hand answers with the proof of the form that was just sent, if its page makes a request of that.
  function hand(to) {
    var token = given[to];

    delete given[to];
    return token || take(to);
  }

  // ---- Forms that are touched, and sent.

  function touched(event) {
    var element = event.composedPath()[0], form = element.closest && (element.closest('form') || element.form), root, to;

    if (!form || !form.querySelectorAll) return;
    to = leads(form) || each(form, '[formaction],[formmethod]', leads.bind(null, form)).filter(Boolean)[0];
    if (!to) return;
    root = form.getRootNode();
    if (root !== document) root.addEventListener('submit', submitted, true); // which does not leave a shadow
    if (words.use) mount(form);
    prepare(to, form).ready.catch(none);
  }

  function submitted(event) {
    var form = event.target, button = event.submitter, to = leads(form, button), token;

    if (form === passing) return settle(event, form, button);
    if (!to) return spare(form);
    if (data.step && button) return; // by hand, with an answer
    if (busy.get(form) > Date.now()) return stop(event);
    token = take(to);
    if (token) {
      pass(form, to, token);
      return settle(event, form, button);
    }
    stop(event);
    busy.set(form, Infinity);
    say(form, words.wait);
    obtain(to, form).catch(none).then(function (token) {
      // Not before the event is over: until then browsers ignore it.
      setTimeout(resume, 0, form, button, to, token);
    });
  }

  // resume sends a form that has waited, as it was to be sent.
  function resume(form, button, to, token) {
    say(form);
    busy.delete(form);
    if (!token && data.step) return;
    pass(form, to, token);
    passing = form;
    try {
      if (button && button.form !== form) button = null;
      if (prototype.requestSubmit) prototype.requestSubmit.call(form, button);
      else submit.call(form);
    } finally {
      passing = null;
    }
  }

  function stop(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // spare leaves our fields out of what is sent elsewhere.
  function spare(form) {
    each(form, '[name^=say-]', function (field) {
      field.disabled = true;
      setTimeout(function () { field.disabled = false; });
    });
  }

  function pass(form, to, token) {
    fill(form, token);
    given[to] = token;
    setTimeout(function () {
      if (given[to] === token) delete given[to];
    }, 1e4);
  }

  // settle keeps a form that is on its way from being sent twice. What its page sends itself is the page's
  // business.
  function settle(event, form, button) {
    var target = attribute(button, 'formtarget') || attribute(form, 'target') || '';

    busy.set(form, Infinity);
    setTimeout(function () {
      if (busy.get(form) === Infinity) busy.set(form, event.defaultPrevented ? 0 : Date.now() + (/^(_self|_top|_parent)?$/i.test(target) ? 1e4 : 1e3));
    });
  }

  // ---- What scripts send.

  function wrap(object, name, make) {
    var method = object[name];

    if (method) object[name] = make(method);
    return method;
  }

  // asks answers with the route for which an answer of the gateway asks for a proof.
  function asks(response) {
    if (!/^4(03|22)$/.test(response.status) || !/problem\+json/.test(response.headers.get('content-type'))) return Promise.resolve();
    return response.clone().json().then(function (problem) {
      return /captcha-required$/.test(problem.type) && new URL(problem.challenge, origin).searchParams.get('form');
    }).catch(none);
  }

  function wrapFetch(fetch) {
    return function (input, init) {
      var request = input instanceof Request && input, address = request ? request.url : input, again = input, to, method;

      init = init || {};
      method = init.method || request.method;
      if (!sends(address, method)) return fetch.apply(this, arguments);
      if (request && !request.bodyUsed) again = request.clone();

      function send(input, token) {
        var headers = new Headers(init.headers || request.headers || {});

        if (token) headers.set('privacy-captcha', token);
        return fetch.call(self, input, token ? Object.assign({}, init, {headers: headers}) : init);
      }

      to = route(address, method);
      return Promise.resolve(to && (hand(to) || obtain(to).catch(none))).then(send.bind(null, input)).then(function (response) {
        return asks(response).then(function (to) {
          return to ? obtain(to).then(send.bind(null, again)).catch(function () { return response; }) : response;
        });
      });
    };
  }

  function wrapOpen(open) {
    return function (method, address, later) {
      leading.set(this, later !== false && route(address, method));
      return open.apply(this, arguments);
    };
  }

  function wrapSend(send) {
    return function () {
      var request = this, to = leading.get(request), given = arguments;

      if (!to) return send.apply(request, given);
      Promise.resolve(hand(to) || obtain(to)).catch(none).then(function (token) {
        if (leading.get(request) !== to || request.readyState !== 1) return; // it was given up
        if (token) request.setRequestHeader('privacy-captcha', token);
        send.apply(request, given);
      });
    };
  }

  function wrapAbort(abort) {
    return function () {
      leading.delete(this);
      return abort.apply(this, arguments);
    };
  }

  // Beacons cannot have a header. Where there is no proof yet, there is no time to get one.
  function wrapBeacon(beacon) {
    return function (address, body) {
      var to = route(address, 'post'), token = to && hand(to);

      if (!token) return beacon.apply(this, arguments);
      own(address, {method: 'POST', body: body, keepalive: true, headers: {'privacy-captcha': token}}).catch(none);
      return true;
    };
  }

  // Forms that scripts send are not announced by an event.
  function wrapSubmit(submit) {
    return function () {
      var form = this, to = leads(form), at = busy.get(form);

      if (!to) return submit.call(form);
      if (to in given) {
        busy.set(form, Date.now() + 1e4);
        return submit.call(form);
      }
      if (at > Date.now()) return;
      busy.set(form, Infinity);
      Promise.resolve(take(to) || obtain(to, form)).catch(none).then(function (token) {
        pass(form, to, token);
        busy.set(form, Date.now() + 1e4);
        submit.call(form);
      });
    };
  }

  // ---- The start.

  // typed answers with what people have written and ticked on the page, but for passwords, or writes it.
  function typed(again) {
    return each(document, 'input:not([type=hidden]):not([type=password]):not([type=file]),textarea,select', function (field, i) {
      var name = /^(checkbox|radio)$/.test(field.type) ? 'checked' : 'value';

      if (again && i in again) field[name] = again[i];
      return field[name];
    });
  }

  // A click on the offer grants the one service. The page is loaded anew, since it was made for who had
  // not. What was typed waits in its entry of the history, which no other page can read.
  function allow(event) {
    var link = event.target.closest && event.target.closest('[data-allow]');

    if (!link || event.button || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    own('/.privacy/choice', {
      method: 'POST', headers: {Accept: 'application/json'},
      body: new URLSearchParams({choice: 'allow', service: link.dataset.allow, back: location.pathname + location.search})
    }).then(function (response) {
      if (!response.ok) throw response;
      history.replaceState(Object.assign({}, history.state, {say: typed()}), '');
      location.reload();
    }).catch(function () { location = link.href; });
  }

  // A page that comes back as it was left starts anew: what it had was used, or is too old.
  function shown(event) {
    if (!event.persisted) return;
    proofs = {};
    given = {};
    busy = new WeakMap();
    each(document, '[name=say-token]', function (field) { field.value = ''; });
  }

  script = document.currentScript;
  if (!Event.prototype.composedPath) return; // nor has such a browser what else is needed
  data = script.dataset;
  words = JSON.parse(data.words || '{}');
  prototype = HTMLFormElement.prototype;
  busy = new WeakMap();
  leading = new WeakMap();
  minters = new WeakMap();
  own = wrap(self, 'fetch', wrapFetch).bind(self);
  submit = wrap(prototype, 'submit', wrapSubmit);
  wrap(XMLHttpRequest.prototype, 'open', wrapOpen);
  wrap(XMLHttpRequest.prototype, 'send', wrapSend);
  wrap(XMLHttpRequest.prototype, 'abort', wrapAbort);
  wrap(Navigator.prototype, 'sendBeacon', wrapBeacon);
  ['focusin', 'pointerdown'].forEach(function (type) { addEventListener(type, touched, true); });
  addEventListener('submit', submitted, true);
  addEventListener('click', allow, true);
  addEventListener('pageshow', shown);
  kept = history.state;
  if (kept && kept.say) {
    typed(kept.say);
    delete kept.say;
    history.replaceState(kept, '');
  }
  if (data.step) prototype.requestSubmit.call(document.forms[0]);
})();
