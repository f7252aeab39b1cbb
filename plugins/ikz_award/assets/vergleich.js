// Puts the chosen cases side by side. The choice lives in the address, so that it can be passed on.
(function () {
  "use strict";
  var form = document.querySelector("[data-ikz-vergleich]");
  var result = document.querySelector("[data-ikz-ergebnis]");
  if (!form || !result) return;
  var fields = Array.prototype.slice.call(form.querySelectorAll("select"));
  var data = null;

  function element(name, text, attributes) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function say(text) {
    result.replaceChildren(element("p", text));
  }

  function fromAddress() {
    var known = fields[0].options;
    var query = new URLSearchParams(location.search);
    return fields.map(function (one) { return query.get(one.name) || ""; }).filter(function (key, index, all) {
      var exists = Array.prototype.some.call(known, function (one) { return key && one.value === key; });
      return exists && all.indexOf(key) === index;
    });
  }

  function chosen() {
    return fields.map(function (one) { return one.value; }).filter(function (key, index, all) {
      return key && all.indexOf(key) === index;
    });
  }

  function table(keys) {
    var box = element("section", "", { class: "ikz-tabelle ikz-vergleich", tabindex: "0", "aria-label": "Vergleich" });
    var made = element("table", "", { class: "ikz-tabelle__inhalt" });
    var head = made.createTHead().insertRow();
    head.append(element("td"));
    keys.forEach(function (key) {
      var cell = element("th", "", { scope: "col" });
      cell.append(element("a", data.faelle[key].titel, { href: form.dataset.wurzel + data.faelle[key].adresse }));
      head.append(cell);
    });
    var body = made.createTBody();
    data.fragen.forEach(function (question, at) {
      var row = body.insertRow();
      var answers = keys.map(function (key) { return data.faelle[key].antworten[at]; });
      row.append(element("th", question, { scope: "row" }));
      answers.forEach(function (answer) { row.append(element("td", answer)); });
      if (answers.some(function (answer) { return answer !== answers[0]; })) row.className = "ikz-vergleich__anders";
    });
    box.append(made);
    return box;
  }

  function show() {
    var keys = chosen();
    if (keys.length < 2) {
      say(keys.length ? "Wählen Sie noch mindestens einen zweiten Fall." : "");
      return;
    }
    var tools = element("p", "", { class: "ikz-knoepfe ikz-nicht-drucken" });
    var print = element("button", "Drucken", { type: "button", class: "ikz-knopf ikz-knopf--leise" });
    print.addEventListener("click", function () { window.print(); });
    tools.append(print);
    result.replaceChildren(
      element("h2", keys.length + " Fälle nebeneinander"),
      element("p", "Zeilen, in denen sich die Fälle unterscheiden, sind hervorgehoben.", { class: "ikz-leise" }),
      table(keys),
      tools
    );
  }

  function remember() {
    var query = new URLSearchParams();
    chosen().forEach(function (key, index) { query.set(fields[index].name, key); });
    var text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? "?" + text : ""));
  }

  fromAddress().forEach(function (key, index) { fields[index].value = key; });
  fetch(form.dataset.quelle).then(function (answer) {
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }).then(function (loaded) {
    data = loaded;
    show();
    form.addEventListener("change", function () { remember(); show(); });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      remember();
      show();
      var title = result.querySelector("h2");
      if (title) { title.tabIndex = -1; title.focus(); }
    });
  }).catch(function () {
    say("Die Angaben ließen sich nicht laden. Laden Sie die Seite neu oder öffnen Sie die Fälle einzeln.");
  });
})();
