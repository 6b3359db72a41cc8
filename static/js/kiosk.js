/* The kiosk's own help: nobody's choices outlive them. Pages work without it. Plain ES5. */
(function () {
  "use strict";
  var body = document.body, home = body.getAttribute("data-home");
  var idle = +body.getAttribute("data-idle"), warned = +body.getAttribute("data-warned");
  var thanked = +body.getAttribute("data-thanked"), leaves = body.getAttribute("data-leaves") === "1";
  var still = document.getElementById("still"), left = null, quiet = 0;

  var leaving = false, down = false;

  /* Every step takes the place of the one before, so that the back button finds nothing behind it. */
  function go(address) {
    if (leaving) { return; }
    leaving = true;
    window.setTimeout(function () { leaving = false; }, 10000);
    window.location.replace(address);
  }

  /* Without the network there is no way home: what was chosen is covered until there is one. */
  function clear() {
    if (down) { document.documentElement.classList.add("covered"); } else { go(home); }
  }

  document.addEventListener("click", function (event) {
    var link = event.target;
    while (link && link.nodeName !== "A") { link = link.parentNode; }
    if (link && link.href) { event.preventDefault(); go(link.href); }
  });

  /* A page that is left shows nothing if it is ever brought back, and asks who is there now. */
  window.addEventListener("pagehide", function () { document.documentElement.classList.add("gone"); });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { go(home); } else { document.documentElement.classList.remove("gone"); }
  });
  Array.prototype.forEach.call(document.forms, function (form) { form.reset(); });

  /* Nobody moves: ask, count down, go home. Thanks go by themselves. */
  function stay() {
    quiet = 0;
    if (left !== null) { left = null; still.hidden = true; }
  }
  function show(seconds, inside) {
    var places = inside.querySelectorAll(".left");
    for (var n = 0; n < places.length; n += 1) { places[n].textContent = seconds; }
  }
  function ask() {
    left = warned;
    show(left, still);
    still.hidden = false;
    document.getElementById("here").focus();
  }
  function tick() {
    if (thanked) {
      thanked -= 1;
      show(Math.max(thanked, 0), document.querySelector(".lead"));
      if (thanked <= 0) { clear(); }
    } else if (left !== null) {
      left -= 1;
      show(Math.max(left, 0), still);
      if (left <= 0) { clear(); }
    } else if (leaves) {
      quiet += 1;
      if (quiet >= idle) { ask(); }
    }
  }
  window.setInterval(tick, 1000);
  ["keydown", "pointerdown", "touchstart", "mousedown", "scroll"].forEach(function (kind) {
    document.addEventListener(kind, function () { if (left === null) { quiet = 0; } }, true);
  });
  document.getElementById("here").addEventListener("click", stay);

  /* A sign of life; out of use, the address explains itself; without the network, the screen says so. */
  function live() {
    var call = new XMLHttpRequest();
    call.open("GET", body.getAttribute("data-alive"));
    call.timeout = 10000;
    function known(is_down) {
      down = is_down;
      document.getElementById("offline").hidden = !down;
      if (!down && document.documentElement.classList.contains("covered")) { go(home); }
    }
    call.onload = function () {
      known(call.status >= 500);
      if (call.status === 403) { go(home); }
    };
    call.onerror = call.ontimeout = function () { known(true); };
    call.send();
  }
  live();
  window.setInterval(live, 30000);

  /* Keys of the screen type into the field at once; what is found follows without a new page. */
  var field = document.getElementById("typed"), waiting = 0;
  function typed(sign) {
    var most = +field.getAttribute("maxlength");
    if (sign === "back") { field.value = field.value.slice(0, -1); }
    else if (sign === "clear") { field.value = ""; }
    else { field.value = (field.value + sign).slice(0, most); }
  }
  function find() {
    var results = document.getElementById(field.form.getAttribute("data-finds"));
    if (!results) { return; }
    var asked = field.value, call = new XMLHttpRequest();
    call.open("POST", field.form.action);
    call.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    call.onload = function () {
      if (asked !== field.value || call.status !== 200) { return; }
      var page = new DOMParser().parseFromString(call.responseText, "text/html");
      var found = page.getElementById("results");
      if (found) { results.innerHTML = found.innerHTML; } else { go(call.responseURL || home); }
    };
    call.send("typed=" + encodeURIComponent(asked));
  }
  if (field) {
    field.form.addEventListener("click", function (event) {
      if (event.target.name !== "press") { return; }
      event.preventDefault();
      typed(event.target.value);
      window.clearTimeout(waiting);
      waiting = window.setTimeout(find, 150);
    });
  }

  /* On the first page a hand scanner needs no field: it types a code and ends with Enter. */
  var scan = document.getElementById("scan"), scanned = "";
  if (scan) {
    document.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && scanned.length > 8) {
        event.preventDefault();
        scan.elements.ticket.value = scanned;
        scan.submit();
      } else if (event.key.length === 1) {
        scanned += event.key;
      } else if (event.key === "Enter") {
        scanned = "";
      }
    });
  }
}());
