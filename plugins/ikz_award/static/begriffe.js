// A marked term is a link to the glossary. Where the browser can, a click shows the explanation without leaving the page.
(function () {
  "use strict";

  if (!("showPopover" in HTMLElement.prototype)) return;

  function part(name, text, className) {
    var element = document.createElement(name);
    element.textContent = text;
    if (className) element.className = className;
    return element;
  }

  function show(link) {
    var card = document.createElement("div");
    card.className = "ikz-erklaerung";
    card.popover = "auto";
    card.tabIndex = -1;
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-label", link.getAttribute("data-ikz-begriff"));
    card.append(
      part("p", link.getAttribute("data-ikz-begriff"), "ikz-erklaerung__wort"),
      part("p", link.getAttribute("data-ikz-erklaerung"))
    );
    var ways = part("p", "", "ikz-erklaerung__los");
    var more = part("a", "Im Glossar ansehen");
    more.href = link.href;
    var close = part("button", "Schließen", "ikz-knopf ikz-knopf--leise");
    close.type = "button";
    close.addEventListener("click", function () { card.hidePopover(); });
    ways.append(more, close);
    card.append(ways);
    card.addEventListener("toggle", function (event) {
      if (event.newState === "closed") card.remove();
    });
    // Right behind the term, so that the next stop of the Tab key is inside; the browser gives the focus back.
    link.after(card);
    link.focus();
    card.showPopover();
    card.focus();
  }

  document.querySelectorAll("a[data-ikz-erklaerung]").forEach(function (link) {
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", function (event) {
      // Whoever asks for a new tab gets one.
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      show(link);
    });
  });
})();
