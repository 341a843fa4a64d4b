// As of https://developer.friendlycaptcha.com/docs/v2/sdk/.
(function () {
  var count = 0;

  function Handle(options) {
    var own = this;

    own.e = options.element;
    own.id = 'w_' + count++;
    own.sitekey = options.sitekey;
    own.startMode = options.startMode || 'focus';
    own.response = '.UNACTIVATED';
    own.state = 'ready';
    if (options.formFieldName !== null) own.field = field(own.e, 'input', options.formFieldName || 'frc-captcha-response');
    own.frame = widget(own.e, new URL('/api/v2/captcha/widget?k=' + encodeURIComponent(own.sitekey), options.apiEndpoint).href, 'Anti-robot check', function (heard) {
      if (heard.error) own.set('error', '.ERROR', {code: 'network_error', detail: ''});
      else own.set('completed', heard.token);
    });
    own.frame.tell({do: 'show'});
    own.begin();
  }

  Handle.prototype = {
    begin: function () {
      var own = this, form = own.e.closest('form');

      if (own.startMode === 'auto') own.trigger('auto');
      if (own.startMode === 'focus' && form) form.addEventListener('focusin', function () { own.trigger('focus'); }, {once: true});
    },
    trigger: function (by) {
      this.set('solving', '.SOLVING');
      this.frame.tell({do: 'solve', trigger: by});
    },
    set: function (state, response, error) {
      var names = {completed: 'complete', error: 'error', reset: 'reset', expired: 'expire'};

      this.state = state;
      this.response = response;
      if (this.field) this.field.value = response;
      ['statechange', names[state]].filter(Boolean).forEach(function (name) {
        name = 'frc:widget.' + name;
        this.e.dispatchEvent(new CustomEvent(name, {bubbles: true, detail: {name: name, state: state, response: response, error: error, id: this.id}}));
      }, this);
    },
    start: function () { this.trigger('programmatic'); },
    reset: function () {
      this.set('reset', '.RESET');
      this.frame.tell({do: 'show'});
      this.begin();
    },
    destroy: function () {
      this.frame.remove();
      if (this.field) this.field.remove();
      this.set('destroyed', '.DESTROYED');
    },
    getResponse: function () { return this.response; },
    getState: function () { return this.state; },
    getElement: function () { return this.e; },
    addEventListener: function () { this.e.addEventListener.apply(this.e, arguments); },
    removeEventListener: function () { this.e.removeEventListener.apply(this.e, arguments); }
  };

  function own(element) {
    return new Handle({
      element: element, sitekey: element.dataset.sitekey, apiEndpoint: element.dataset.apiEndpoint, startMode: element.dataset.start,
      formFieldName: element.dataset.formFieldName
    });
  }

  window.frcaptcha = {
    createWidget: function (options) { return new Handle(options); },
    attach: function () { return Promise.resolve([].map.call(document.querySelectorAll('.frc-captcha'), own)); }
  };
  window.frcaptcha.attach();
})();
