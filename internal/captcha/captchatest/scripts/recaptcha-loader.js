// As of reCAPTCHA's api.js and enterprise.js: it has ready alone, and loads the rest.
(function () {
  var script = document.currentScript, address = new URL(script.src), rest = document.createElement('script');
  var root = window.grecaptcha = window.grecaptcha || {}, waiting = [];
  var enterprise = /enterprise\.js$/.test(address.pathname), api = enterprise ? root.enterprise = root.enterprise || {} : root;

  api.ready = function (callback) { waiting.push(callback); };
  api.waiting = waiting;
  if (enterprise) address.searchParams.set('enterprise', '1');
  rest.src = address.origin + '/recaptcha/releases/1/recaptcha__en.js' + address.search;
  rest.nonce = script.nonce;
  document.head.appendChild(rest);
})();
