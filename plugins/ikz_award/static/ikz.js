// What the built pages cannot know: the time at which they are read. And repairs of the theme.
(function () {
  "use strict";

  // A page built before a deadline may be read after it: choose among the prepared sentences.
  function phaseAt(box, now) {
    var reached = function (name) {
      var text = box.getAttribute("data-" + name);
      return text !== null && now >= Date.parse(text);
    };
    if (reached("bekanntgabe")) return "bekanntgegeben";
    if (reached("ende")) return "geschlossen";
    if (reached("beginn")) return "offen";
    return "vorher";
  }

  // The build already knew this much; a wrong clock in a device must not turn time back.
  var order = ["vorher", "offen", "geschlossen", "bekanntgegeben"];

  function correct() {
    document.querySelectorAll("[data-ikz-phase]").forEach(function (box) {
      var built = box.getAttribute("data-ikz-phase");
      var phase = phaseAt(box, Date.now());
      // Results are on the page only if they were built in; until then a passed announcement stays "geschlossen".
      if (phase === "bekanntgegeben" && built !== "bekanntgegeben") phase = "geschlossen";
      if (order.indexOf(phase) <= order.indexOf(built)) return;
      var shown = box.querySelector("[data-ikz-nur]");
      var later = box.querySelector('template[data-ikz-dann="' + phase + '"]');
      if (!shown || !later) return;
      shown.replaceWith(later.content.cloneNode(true));
      box.setAttribute("data-ikz-phase", phase);
      if (box.classList.contains("ikz-phase")) box.className = "ikz-phase ikz-phase--" + phase;
    });
  }

  // The theme switches the palette by two radio buttons that nobody sees. One button says what it does.
  document.querySelectorAll("[data-md-component=palette] input").forEach(function (input) {
    var old = input.nextElementSibling;
    var other = old && document.getElementById(old.htmlFor);
    if (!other) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = old.className;
    button.title = old.title;
    button.setAttribute("aria-label", old.title);
    button.hidden = old.hidden;
    button.append.apply(button, old.childNodes);
    button.addEventListener("click", function () {
      other.click();
      // The theme shows the button of the other palette in its place.
      other.nextElementSibling.focus();
    });
    old.replaceWith(button);
    input.hidden = true;
  });

  // The theme opens its menu with a label, which works without a script, but not by keyboard. A button does both.
  var label = document.querySelector("label.md-header__button[for=__drawer]");
  var drawer = document.getElementById("__drawer");
  var menu = document.querySelector(".md-sidebar--primary");
  if (label && drawer && menu) {
    menu.id = "ikz-menue";
    var opener = document.createElement("button");
    opener.type = "button";
    opener.className = label.className + " ikz-menueknopf";
    opener.setAttribute("aria-label", "Menü");
    opener.setAttribute("aria-controls", menu.id);
    opener.append.apply(opener, label.childNodes);
    label.replaceWith(opener);
    var told = function () { opener.setAttribute("aria-expanded", String(drawer.checked)); };
    told();
    drawer.addEventListener("change", function () {
      told();
      var first = drawer.checked && menu.querySelector("a[href]");
      if (first) first.focus();
    });
    opener.addEventListener("click", function () { drawer.click(); });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !drawer.checked) return;
      drawer.click();
      opener.focus();
    });
  }

  // A section of the menu with a page of its own names itself by a sign without words; by its page it has a name.
  document.querySelectorAll("nav[aria-labelledby]").forEach(function (nav) {
    var named = document.getElementById(nav.getAttribute("aria-labelledby"));
    var page = named && !named.textContent.trim() && named.parentElement.querySelector("a");
    if (!page) return;
    nav.setAttribute("aria-label", page.textContent.trim());
    nav.removeAttribute("aria-labelledby");
  });

  // The theme wraps wide tables late; whoever uses a keyboard must be able to scroll them.
  window.addEventListener("load", function () {
    document.querySelectorAll(".md-typeset__scrollwrap").forEach(function (wrap) {
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "group");
      wrap.setAttribute("aria-label", "Tabelle");
    });
  });

  // Whoever cites a page needs its whole address; while the operator has named none, it is the one it was read at.
  document.querySelectorAll("[data-ikz-adresse]").forEach(function (address) {
    if (address.textContent.charAt(0) === "/") address.textContent = location.origin + location.pathname;
  });
  document.querySelectorAll("[data-ikz-zitat]").forEach(function (line) {
    if (!navigator.clipboard) return;
    var button = document.createElement("button");
    button.type = "button";
    button.className = "ikz-knopf ikz-knopf--leise";
    button.textContent = "Kopieren";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(line.textContent.replace(/\s+/g, " ").trim()).then(
        function () { button.textContent = "Kopiert"; },
        function () { button.textContent = "Bitte von Hand kopieren"; }
      );
    });
    line.after(" ", button);
  });

  correct();
  document.addEventListener("visibilitychange", correct);
  setInterval(correct, 60000);
})();
