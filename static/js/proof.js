/* Checks the proofs of a receipt in the page, and says so in one sentence. Without this the page is whole. */
(function () {
  "use strict";

  var place = document.getElementById("check");
  var given = document.getElementById("proofs");

  function say(what) {
    place.textContent = place.getAttribute("data-" + what);
    place.hidden = false;
  }

  if (!window.crypto || !window.crypto.subtle || !window.TextEncoder || !window.Promise) {
    say("unable");
    return;
  }

  function bytesOf(hex) {
    return new Uint8Array(hex.match(/../g).map(function (pair) { return parseInt(pair, 16); }));
  }

  function hexOf(bytes) {
    return Array.prototype.map.call(bytes, function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    }).join("");
  }

  function digest(head, parts) {
    var length = parts.reduce(function (sum, part) { return sum + part.length; }, 1);
    var whole = new Uint8Array(length);
    var at = 1;
    whole[0] = head;
    parts.forEach(function (part) { whole.set(part, at); at += part.length; });
    return window.crypto.subtle.digest("SHA-256", whole).then(function (made) { return new Uint8Array(made); });
  }

  function text(words) { return new TextEncoder().encode(words); }

  /* The leaf, then node after node up to the root of the day; then the seal over what the day says. */
  function holds(proof) {
    var seal = proof.seal;
    // Older seals say nothing of the journal, and what is undefined is left out.
    var said = JSON.stringify({
      algorithm: seal.algorithm, before: seal.before, day: seal.day,
      entries: seal.entries, form: seal.form, journal: seal.journal, made_at: seal.made_at, root: seal.root
    });
    var climbed = proof.path.reduce(function (below, step) {
      return below.then(function (node) {
        var beside = bytesOf(step[1]);
        return digest(1, step[0] === "left" ? [beside, node] : [node, beside]);
      });
    }, digest(0, [text(proof.entry)]));
    return Promise.all([climbed, digest(2, [text(said)])]).then(function (made) {
      return hexOf(made[0]) === seal.root && hexOf(made[1]) === seal.seal;
    });
  }

  var proofs = JSON.parse(given.textContent).proofs;
  if (proofs.some(function (proof) { return proof.seal.algorithm !== "sha256"; })) {
    say("unable");
    return;
  }
  Promise.all(proofs.map(holds)).then(function (held) {
    say(held.length > 0 && held.every(Boolean) ? "right" : "wrong");
  }, function () { say("unable"); });
}());
