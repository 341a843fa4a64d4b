// As of https://developers.google.com/recaptcha/docs/display, /invisible and /v3.
(function () {
  var address = new URL(document.currentScript.src), asked = address.searchParams;
  var api = asked.get('enterprise') ? grecaptcha.enterprise : grecaptcha, waiting = api.waiting;
  var widgets = [], scored = {}; // scored: by site key, for execute

  function open(place, key, heard) {
    return widget(place, address.origin + '/recaptcha/api2/anchor?k=' + encodeURIComponent(key), 'reCAPTCHA', heard);
  }

  function render(place, options) {
    var element = find(place), holder = element.appendChild(document.createElement('div')), own = {options: options}, response, timer;

    if (element.hasAttribute('data-rendered')) throw new Error('reCAPTCHA has already been rendered in this element');
    element.setAttribute('data-rendered', '');
    response = field(holder, 'textarea', 'g-recaptcha-response');
    own.frame = open(holder, options.sitekey, function (heard) {
      if (heard.error) return call(options['error-callback']);
      response.value = heard.token;
      clearTimeout(timer);
      timer = setTimeout(function () {
        response.value = '';
        call(options['expired-callback']);
      }, 12e4);
      call(options.callback, heard.token);
    });
    if (options.size === 'invisible') own.frame.hide();
    else own.frame.tell({do: 'show', action: options.action});
    own.response = response;
    return widgets.push(own) - 1;
  }

  function one(id) {
    var own = widgets[id || 0];

    if (!own) throw new Error('No reCAPTCHA clients exist.');
    return own;
  }

  function score(key) {
    var own = scored[key] = {asked: []};

    own.frame = open(document.body, key, function (heard) {
      var next = own.asked.shift();

      if (heard.error) next.reject(new Error(heard.error));
      else next.resolve(heard.token);
      if (own.asked[0]) own.frame.tell({do: 'solve', action: own.asked[0].action});
    });
    own.frame.hide();
  }

  api.render = render;
  api.getResponse = function (id) { return one(id).response.value; };
  api.reset = function (id) {
    one(id).response.value = '';
    one(id).frame.tell({do: one(id).options.size === 'invisible' ? 'reset' : 'show'});
  };
  api.execute = function (id, options) {
    var own = scored[id];

    if (typeof id !== 'string') return Promise.resolve(one(id).frame.tell({do: 'solve'}));
    if (!own) return Promise.reject(new Error('Invalid site key or not loaded in api.js: ' + id));
    return new Promise(function (resolve, reject) {
      if (own.asked.push({resolve: resolve, reject: reject, action: options && options.action}) === 1) {
        own.frame.tell({do: 'solve', action: options && options.action});
      }
    });
  };
  api.ready = function (callback) { callback(); };
  if (!asked.get('render') || asked.get('render') === 'onload') {
    document.querySelectorAll('.g-recaptcha').forEach(function (element) { render(element, element.dataset); });
  } else if (asked.get('render') !== 'explicit') {
    score(asked.get('render'));
  }
  waiting.forEach(function (callback) { callback(); });
  call(asked.get('onload'));
})();
