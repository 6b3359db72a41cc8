/* Keys of the dispatcher's desk: an element says its key in data-key and is clicked by it.
   While somebody types, only Ctrl+Enter works: it sends the form. A link with data-words fills a field. */
(function () {
  "use strict";

  function isTyping(target) {
    return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|submit)$/.test(target.type);
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.ctrlKey && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) {
      return;
    }
    if (event.key === "Enter" && /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName)) {
      return;
    }
    var wanted = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (wanted) {
      event.preventDefault();
      wanted.click();
    }
  });

  document.addEventListener("click", function (event) {
    var link = event.target.closest("[data-words]");
    var field = link && document.getElementById(link.getAttribute("data-fill"));
    if (field) {
      event.preventDefault();
      field.value = link.getAttribute("data-words");
      field.focus();
    }
  });
})();
