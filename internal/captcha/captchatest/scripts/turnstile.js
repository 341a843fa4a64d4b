// As of https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/.
(function () {
  var address = new URL(document.currentScript.src), widgets = {}, count = 0;

  function render(place, options) {
    var element = find(place), id = 'cf-chl-widget-' + count++, own = widgets[id] = {options: options, place: element, value: ''};

    if (!options || !options.sitekey) throw new Error('[Cloudflare Turnstile] Missing parameter "sitekey".');
    if (options.action && !/^[\w-]{1,32}$/.test(options.action)) throw new Error('[Cloudflare Turnstile] Invalid input for optional parameter "action".');
    if (options['response-field'] !== false) own.field = field(element, 'input', options['response-field-name'] || 'cf-turnstile-response');
    own.frame = widget(element, address.origin + '/cdn-cgi/challenge-platform/turnstile/if?k=' + encodeURIComponent(options.sitekey), 'Widget containing a Cloudflare security challenge', function (heard) {
      if (heard.error) return call(options['error-callback'], '300010');
      fill(own, heard.token);
      call(options.callback, heard.token);
    });
    if (options.execution !== 'execute') solve(own);
    return id;
  }

  function solve(own) { own.frame.tell({do: 'solve', action: own.options.action}); }

  function fill(own, token) {
    own.value = token;
    if (own.field) own.field.value = token;
  }

  function one(id) {
    var key = Object.keys(widgets).filter(function (key) {
      return id === undefined || key === id || widgets[key].place === id || typeof id === 'string' && /^[#.[]/.test(id) && widgets[key].place === document.querySelector(id);
    })[0];

    if (!key) throw new Error('[Cloudflare Turnstile] Nothing to reset found for provided container');
    return widgets[key];
  }

  window.turnstile = {
    render: render,
    ready: function (callback) { callback(); },
    execute: function (id) { solve(one(id)); },
    reset: function (id) {
      fill(one(id), '');
      if (one(id).options.execution !== 'execute') solve(one(id));
    },
    remove: function (id) {
      one(id).frame.remove();
      if (one(id).field) one(id).field.remove();
      delete widgets[id];
    },
    getResponse: function (id) { return one(id).value; },
    isExpired: function () { return false; }
  };
  if (address.searchParams.get('render') !== 'explicit') {
    document.querySelectorAll('.cf-turnstile').forEach(function (element) { render(element, element.dataset); });
  }
  call(address.searchParams.get('onload'));
})();
