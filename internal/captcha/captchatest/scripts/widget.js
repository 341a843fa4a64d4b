// widget puts a frame of the provider into a place of the page. The frame makes tokens, for the origin of
// the page that speaks to it, as browsers tell it; heard gets {token} or {error}.
function widget(place, address, title, heard) {
  var frame = document.createElement('iframe'), queue = [];

  function post(message) { frame.contentWindow.postMessage(message, new URL(address).origin); }

  function listen(event) {
    if (event.source !== frame.contentWindow) return;
    if (!event.data.ready) return heard(event.data);
    queue.forEach(post);
    queue = null;
  }

  addEventListener('message', listen);
  frame.title = title;
  frame.src = address;
  frame.style.cssText = 'border:0;width:304px;height:78px';
  place.appendChild(frame);
  return {
    tell: function (message) {
      if (queue) queue.push(message);
      else post(message);
    },
    hide: function () { frame.style.cssText = 'border:0;position:fixed;right:0;bottom:0;width:60px;height:60px;visibility:hidden'; },
    remove: function () {
      removeEventListener('message', listen);
      frame.remove();
    }
  };
}

// field puts one that holds tokens beside the frame, as the forms of a page send it.
function field(place, kind, name) {
  var element = document.createElement(kind);

  if (kind === 'input') element.type = 'hidden';
  else element.style.display = 'none';
  element.name = name;
  place.appendChild(element);
  return element;
}

// call calls a function, which may be given by its name, as in data attributes.
function call(callback, value) {
  if (typeof callback === 'string') callback = window[callback];
  if (callback) callback(value);
}

function find(place) {
  var element = typeof place === 'string' ? document.querySelector(/^[#.[]/.test(place) ? place : '#' + place) : place;

  if (!element) throw new Error('there is no such place in the page');
  return element;
}
