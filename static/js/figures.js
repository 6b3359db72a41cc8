/* Draws every [data-figure] from its JSON; the table beside it stands without this. */
(function () {
  "use strict";

  var NARROW = 600; /* below this many pixels names above the figure would cover one another */
  var scheme = window.matchMedia ? window.matchMedia("(prefers-color-scheme: dark)") : null;

  function filledIn(value, styles) {
    var name, copy;
    if (typeof value === "string") {
      return value.slice(0, 2) === "--" ? styles.getPropertyValue(value).trim() : value;
    }
    if (Array.isArray(value)) {
      return value.map(function (each) { return filledIn(each, styles); });
    }
    if (value && typeof value === "object") {
      copy = {};
      for (name in value) {
        if (Object.prototype.hasOwnProperty.call(value, name)) {
          copy[name] = filledIn(value[name], styles);
        }
      }
      return copy;
    }
    return value;
  }

  function draw(place, figure) {
    var filled = filledIn(figure, getComputedStyle(document.documentElement));
    filled.layout.font.family = getComputedStyle(document.body).fontFamily;
    filled.layout.autosize = true;
    if (place.clientWidth < NARROW) {
      filled.layout.annotations = [];
      filled.layout.height = 420; /* names stand upright below and need the room */
    }
    window.Plotly.react(place, filled.data, filled.layout, { displayModeBar: false, responsive: true });
  }

  function load(place) {
    var request = new XMLHttpRequest();
    request.open("GET", place.getAttribute("data-figure"));
    request.onload = function () {
      var figure;
      if (request.status !== 200) {
        place.hidden = true;
        return;
      }
      figure = JSON.parse(request.responseText);
      if (!figure.data.length) {
        place.hidden = true;
        return;
      }
      /* The table says the same to those who do not see the figure. */
      place.setAttribute("aria-hidden", "true");
      draw(place, figure);
      if (scheme && scheme.addEventListener) {
        scheme.addEventListener("change", function () { draw(place, figure); });
      }
    };
    request.onerror = function () { place.hidden = true; };
    request.send();
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-figure]"), load);
}());
