/* A display on the wall: asks for its block again and again and puts the new one in the place of the old.
   When nobody answers, the last picture stays and the page says since when. */
(function () {
  "use strict";

  var PATIENCE = 10000; /* milliseconds until a question counts as lost */
  var holder = document.getElementById("board");
  var offline = document.getElementById("offline");
  var every = Number(holder.getAttribute("data-refresh")) * 1000;

  function updated() {
    return document.getElementById("updated").textContent;
  }

  function lost() {
    document.getElementById("since").textContent = updated();
    offline.hidden = false;
  }

  function heard(asking) {
    if (asking.status === 404 || asking.status === 410) {
      location.reload();
    } else if (asking.status !== 200 || asking.responseText.indexOf('id="updated"') < 0) {
      lost();
    } else {
      holder.innerHTML = asking.responseText;
      offline.hidden = true;
    }
  }

  function ask() {
    var asking = new XMLHttpRequest();
    asking.open("GET", location.href);
    asking.timeout = PATIENCE;
    asking.setRequestHeader("X-Requested-With", "block");
    asking.onload = function () { heard(asking); };
    asking.onerror = lost;
    asking.ontimeout = lost;
    asking.onloadend = function () { setTimeout(ask, every); };
    asking.send();
  }

  setTimeout(ask, every);
})();
