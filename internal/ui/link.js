// The link's script: the links and buttons by which the page opens the settings of another consent tool
// lead to the same place as the link. Which these are is a selector in the data attribute.
//
// The text is the same for everybody, so that one hash allows it in a Content-Security-Policy. The
// syntax is ES5.
(function () {
  var script = document.currentScript, settings = script.dataset.settings;
  var link = script.previousElementSibling.firstChild;

  addEventListener('click', function (event) {
    if (!event.target.closest || !event.target.closest(settings)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    location = link.href + '#choices';
  }, true);
})();
