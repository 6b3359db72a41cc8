/* The counter's screens: asks for the signal of its device, puts the new screen in the place of the old one,
   sends forms without leaving the page, and clears what nobody touches. Every form works without this. */
(function () {
  "use strict";

  var ASK_EVERY = 700; /* milliseconds between two questions for the signal */
  var LOOK_EVERY = 20000; /* a full question at least this often: it is also the sign of life */
  var PATIENCE = 8000;
  var TOO_SOON = 400; /* milliseconds in which a new screen takes no tap */
  var SAME = 204; /* the status that says: this very screen */
  var AGAIN = 2000; /* until a form that got no answer is sent once more; its key makes it count once */
  var holder = document.getElementById("screens");

  function fillFromFragment() {
    var field = document.getElementById("code");
    if (field && location.hash.length > 1) {
      field.value = decodeURIComponent(location.hash.slice(1));
      history.replaceState(null, "", location.pathname);
    }
  }

  fillFromFragment();
  if (!holder) {
    if (document.querySelector("[data-screen='not-here']")) {
      setTimeout(function () { location.reload(); }, LOOK_EVERY);
    }
    return;
  }

  var home = holder.getAttribute("data-home");
  var version = (holder.getAttribute("data-version").match(/static\/(\w+)/) || [])[1] || "";
  var serial = "";
  var misses = 0;
  var looking = false;
  var sending = false;
  var touchedAt = Date.now();
  var shownAt = Date.now();
  var readyAt = 0;

  function screen() {
    return holder.querySelector(".screen");
  }

  function told(name) {
    return Number(screen().getAttribute("data-" + name)) * 1000;
  }

  function heard(reached) {
    misses = reached ? 0 : misses + 1;
    document.getElementById("offline").hidden = misses < 4;
  }

  function request(method, address, body, done) {
    var asking = new XMLHttpRequest();
    asking.open(method, address);
    asking.timeout = PATIENCE;
    asking.setRequestHeader("X-Requested-With", "block");
    asking.setRequestHeader("X-Screen", method === "GET" ? screen().getAttribute("data-screen") : "");
    if (body !== null) {
      asking.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    }
    asking.onload = function () { heard(true); done(asking); };
    asking.onerror = asking.ontimeout = function () { heard(false); done(null); };
    asking.send(body);
  }

  function put(markup) {
    var hadFocus = holder.contains(document.activeElement);
    holder.innerHTML = markup;
    shownAt = touchedAt = readyAt = Date.now();
    serial = screen().getAttribute("data-serial") || serial;
    if (hadFocus) {
      screen().focus();
    }
  }

  /* Thanks, a take-away code or a list of names stay; only a question for the next customer goes before them. */
  function mayPut(answer, forced) {
    var stays = told("then") || screen().getAttribute("data-ends") === "home";
    return forced || !stays || answer.indexOf('data-screen="prompt') > 0;
  }

  function take(answer, forced) {
    if (!answer) {
      return;
    }
    serial = answer.getResponseHeader("X-Serial") || serial;
    if (answer.responseText.slice(0, 200).indexOf("<html") > 0) {
      location.replace(home); /* signed out, revoked, or not this device any more: the address says so */
    } else if (answer.status < 500 && answer.status !== SAME && mayPut(answer.responseText, forced)) {
      put(answer.responseText);
    }
    if (answer.getResponseHeader("X-Version") && answer.getResponseHeader("X-Version") !== version && !told("idle")) {
      location.replace(home); /* a newer release is served */
    }
  }

  function look(forced) {
    if (looking || sending) {
      return;
    }
    looking = true;
    request("GET", home + (home.indexOf("?") < 0 ? "?" : "&") + "version=" + version, null, function (answer) {
      looking = false;
      if (!sending) {
        take(answer, forced);
      }
    });
  }

  function ask() {
    var signal = screen().getAttribute("data-signal") || holder.getAttribute("data-signal");
    if (!signal || looking || sending) {
      setTimeout(ask, ASK_EVERY);
      return;
    }
    var asking = new XMLHttpRequest();
    asking.open("GET", signal + "?since=" + serial);
    asking.timeout = 3000;
    asking.onload = function () {
      heard(true);
      if (asking.status === 200) {
        look(false); /* its answer brings the new serial: one that gets lost is asked for again */
      }
      setTimeout(ask, ASK_EVERY);
    };
    asking.onerror = asking.ontimeout = function () { heard(false); setTimeout(ask, ASK_EVERY * 3); };
    asking.send();
  }

  function send(address, body) {
    sending = true;
    request("POST", address, body, function (answer) {
      if (answer === null || answer.status === 503) {
        setTimeout(function () { send(address, body); }, AGAIN);
        return;
      }
      sending = false;
      take(answer, true);
    });
  }

  function submit(form, button) {
    var pairs = [];
    var i, field;
    if (sending) {
      return;
    }
    for (i = 0; i < form.elements.length; i += 1) {
      field = form.elements[i];
      if (field.name && (field.tagName !== "BUTTON" || field === button)) {
        pairs.push(encodeURIComponent(field.name) + "=" + encodeURIComponent(field.value));
      }
    }
    send((button && button.getAttribute("formaction")) || form.getAttribute("action"), pairs.join("&"));
  }

  function clear() {
    if (screen().getAttribute("data-ends") === "leave") {
      submit(document.getElementById("leave"), null);
    } else {
      look(true);
    }
  }

  function tick() {
    var still = holder.querySelector(".still");
    var left = touchedAt + told("idle") + told("warned") - Date.now();
    if (told("then") && Date.now() > shownAt + told("then")) {
      look(true);
    } else if (told("idle") && left <= 0) {
      clear();
    } else if (still) {
      if (told("idle") && left < told("warned")) {
        holder.querySelector(".still-seconds").textContent = Math.ceil(left / 1000);
        if (still.hidden) {
          still.hidden = false;
          still.querySelector("button").focus();
        }
      } else {
        still.hidden = true;
      }
    }
  }

  holder.addEventListener("submit", function (event) {
    event.preventDefault();
    if (Date.now() < readyAt + TOO_SOON) {
      return; /* the second half of a double tap meant what stood here before */
    }
    submit(event.target, event.submitter || document.activeElement);
  });
  holder.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-home], a[data-fetch]");
    if (link && link.hasAttribute("data-fetch")) {
      event.preventDefault();
      request("GET", link.href, null, function (answer) { take(answer, true); });
    } else if (link) {
      event.preventDefault();
      look(true);
    }
  });
  /* The question goes away on the click, which ends a tap: were it gone before, the tap would hit a level beneath. */
  document.addEventListener("click", function () {
    var still = holder.querySelector(".still");
    if (still && !still.hidden) {
      readyAt = Date.now();
    }
    touchedAt = Date.now();
    tick();
  }, true);
  ["pointerdown", "keydown"].forEach(function (kind) {
    document.addEventListener(kind, function () {
      var still = holder.querySelector(".still");
      if (!still || still.hidden) {
        touchedAt = Date.now();
      }
    });
  });

  serial = screen().getAttribute("data-serial") || "0";
  setInterval(tick, 250);
  setInterval(function () { look(false); }, LOOK_EVERY);
  ask();
}());
