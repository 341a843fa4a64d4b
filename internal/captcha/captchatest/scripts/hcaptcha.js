// As of https://docs.hcaptcha.com/configuration.
(function () {
  var address = new URL(document.currentScript.src), widgets = {}, count = 0;

  function render(place, options) {
    var element = find(place), id = 'hcaptcha-' + count++, own = widgets[id] = {options: options, asked: []};

    own.fields = [field(element, 'textarea', 'h-captcha-response'), field(element, 'textarea', 'g-recaptcha-response')];
    own.frame = widget(element, address.origin + '/captcha/v1/1/static/hcaptcha.html?k=' + encodeURIComponent(options.sitekey), 'hCaptcha', function (heard) {
      own.asked.splice(0).forEach(function (next) {
        if (heard.error) next.reject(heard.error);
        else next.resolve({response: heard.token, key: id});
      });
      if (heard.error) return call(options['error-callback'], heard.error);
      fill(own, heard.token);
      call(options.callback, heard.token);
    });
    if (options.size === 'invisible') own.frame.hide();
    else own.frame.tell({do: 'show'});
    return id;
  }

  function fill(own, token) { own.fields.forEach(function (field) { field.value = token; }); }

  function one(id) {
    var own = widgets[id === undefined ? Object.keys(widgets)[0] : id];

    if (!own) throw new Error('invalid-captcha-id');
    return own;
  }

  window.hcaptcha = {
    render: render,
    execute: function (id, options) {
      var own = one(id);

      own.frame.tell({do: 'solve'});
      if (options && options.async) {
        return new Promise(function (resolve, reject) { own.asked.push({resolve: resolve, reject: reject}); });
      }
    },
    reset: function (id) {
      fill(one(id), '');
      one(id).frame.tell({do: one(id).options.size === 'invisible' ? 'reset' : 'show'});
    },
    remove: function (id) {
      one(id).frame.remove();
      one(id).fields.forEach(function (field) { field.remove(); });
      delete widgets[id];
    },
    getResponse: function (id) { return one(id).fields[0].value; },
    getRespKey: function (id) { return one(id).fields[0].value && 'E0_1'; }
  };
  if (address.searchParams.get('recaptchacompat') !== 'off') window.grecaptcha = window.hcaptcha;
  if (address.searchParams.get('render') !== 'explicit') {
    document.querySelectorAll('.h-captcha').forEach(function (element) { render(element, element.dataset); });
  }
  call(address.searchParams.get('onload'));
})();
