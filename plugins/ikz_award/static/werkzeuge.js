// The two tools for readers: cases side by side, and „Passt das zu uns?“. A choice lives in the address, so that it can
// be passed on. Texts from data become text nodes only, never markup.
(function () {
  "use strict";

  function element(name, text, attributes) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function isOption(field, value) {
    return Boolean(value) && Array.prototype.some.call(field.options, function (one) { return one.value === value; });
  }

  // Runs one tool: fills its form from the address, and draws again with every choice. Its data are loaded for whoever
  // begins to choose, not for whoever reads the page.
  function tool(selector, sorry, draw) {
    var form = document.querySelector(selector);
    var result = document.querySelector("[data-ikz-ergebnis]");
    if (!form || !result) return;
    var fields = Array.prototype.slice.call(form.querySelectorAll("select"));
    var query = new URLSearchParams(location.search);
    var unknown = 0;
    fields.forEach(function (field) {
      var wanted = query.get(field.name);
      if (isOption(field, wanted)) field.value = wanted;
      else if (wanted) unknown += 1;
    });

    function link(title, address) {
      return element("a", title, { href: form.dataset.wurzel + address });
    }

    function remember() {
      var chosen = new URLSearchParams();
      fields.forEach(function (field) { if (field.value) chosen.set(field.name, field.value); });
      var text = chosen.toString();
      history.replaceState(null, "", location.pathname + (text ? "?" + text : ""));
    }

    var asked = null;
    function load() {
      asked = asked || fetch(form.dataset.quelle).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      });
      return asked;
    }

    function show(data) {
      result.replaceChildren.apply(result, draw(data, fields, link));
      if (!unknown) return;
      // Said until something else is chosen: the address may be old, or cut off on its way.
      result.prepend(element("p", "Die Adresse nennt etwas, das es hier nicht oder nicht mehr gibt.", { class: "ikz-luecke" }));
      unknown = 0;
    }

    // Shows what is chosen, then does what is to follow.
    function update(then) {
      load().then(function (data) {
        show(data);
        if (then) then();
      }, function () {
        result.replaceChildren(element("p", sorry, { class: "ikz-luecke" }));
      });
    }

    form.addEventListener("focusin", function () { load().catch(function () {}); }, { once: true });
    form.addEventListener("change", function () { remember(); update(); });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      remember();
      update(function () {
        var title = result.querySelector("h2");
        if (title) { title.tabIndex = -1; title.focus(); }
      });
    });
    if (unknown || fields.some(function (field) { return field.value; })) {
      update(function () {
        var everything = document.querySelector("[data-ikz-alles]");
        if (everything && result.querySelector("h2")) everything.open = false;
      });
    }
  }

  // --- cases side by side

  function side(data, fields, link) {
    var chosen = fields.map(function (one) { return one.value; }).filter(Boolean);
    // The page may be newer than the data a browser kept.
    var keys = chosen.filter(function (key, index) { return chosen.indexOf(key) === index && data.faelle[key]; });
    if (!chosen.length) return [];
    if (keys.length < 2) {
      return [element("p", keys.length < chosen.length ? "Zweimal derselbe Fall: Wählen Sie noch einen anderen." : "Wählen Sie noch mindestens einen zweiten Fall.")];
    }
    var box = element("section", "", { class: "ikz-tabelle ikz-vergleich", tabindex: "0", "aria-label": "Vergleich" });
    var table = element("table", "", { class: "ikz-tabelle__inhalt" });
    var head = table.createTHead().insertRow();
    head.append(element("td"));
    keys.forEach(function (key) {
      var cell = element("th", "", { scope: "col" });
      cell.append(link(data.faelle[key].titel, data.faelle[key].adresse));
      head.append(cell);
    });
    var body = table.createTBody();
    data.fragen.forEach(function (question, at) {
      var answers = keys.map(function (key) { return data.faelle[key].antworten[at]; });
      var row = body.insertRow();
      row.append(element("th", question, { scope: "row" }));
      answers.forEach(function (answer) { row.append(element("td", answer)); });
      if (answers.some(function (answer) { return answer !== answers[0]; })) row.className = "ikz-vergleich__anders";
    });
    box.append(table);
    var buttons = element("p", "", { class: "ikz-knoepfe ikz-nicht-drucken" });
    var print = element("button", "Drucken", { type: "button", class: "ikz-knopf ikz-knopf--leise" });
    print.addEventListener("click", function () { window.print(); });
    buttons.append(print);
    var twice = keys.length < chosen.length ? [element("p", "Ein Fall ist mehrmals gewählt und steht hier einmal.", { class: "ikz-luecke" })] : [];
    return twice.concat([
      element("h2", keys.length + " Fälle nebeneinander"),
      element("p", "Zeilen, in denen sich die Fälle unterscheiden, tragen links einen Strich.", { class: "ikz-leise" }),
      box,
      buttons
    ]);
  }

  // --- „Passt das zu uns?“

  // How near a case is: the municipality itself, a neighbour, the same district, the same size.
  var SELF = 0, SIZE = 3;
  var MOST = 8;

  function names(data, keys) {
    // Nobody is left out alone: a fourth name is shorter than the words for it.
    var most = keys.length <= 4 ? 4 : 3;
    var shown = keys.slice(0, most).map(function (key) { return data.kommunen[key].name; });
    var more = keys.length - shown.length;
    return shown.join(", ") + (more > 0 ? " und " + more + " weitere" : "");
  }

  // Why a case concerns the municipality: the nearest kind, and in words.
  function reason(data, own, one) {
    var home = data.kommunen[own];
    var near = data.nachbarn[own] || [];
    var kinds = [
      one.ags.filter(function (key) { return key === own; }),
      one.ags.filter(function (key) { return near.indexOf(key) >= 0; }),
      one.ags.filter(function (key) { return data.kommunen[key].kreis === home.kreis; }),
      one.ags.filter(function (key) { return data.kommunen[key].groesse === home.groesse; })
    ];
    var words = [
      function () { return home.name + " ist selbst dabei"; },
      function (keys) { return (keys.length === 1 ? "Nachbar: " : "Nachbarn: ") + names(data, keys); },
      function (keys) { return "aus demselben Kreis: " + names(data, keys); },
      function (keys) { return (home.groesse === "kreis" ? "anderer Kreis: " : "gleiche Stellung (" + data.groessen[home.groesse] + "): ") + names(data, keys); }
    ];
    for (var kind = SELF; kind <= SIZE; kind += 1) {
      if (kinds[kind].length) return { kind: kind, text: words[kind](kinds[kind]) };
    }
    return null;
  }

  function caseLine(found, link) {
    var line = element("li");
    line.append(link(found.one.titel, found.one.adresse), element("span", " – " + found.why.text, { class: "ikz-leise" }));
    return line;
  }

  function byPattern(data, found, aim) {
    var groups = {};
    found.forEach(function (one) {
      one.one.muster.forEach(function (code) {
        if (aim && data.muster[code].ziele.indexOf(aim) < 0) return;
        (groups[code] = groups[code] || []).push(one);
      });
    });
    // The nearest example first; among equally near ones the less known, as on the page of all patterns.
    return Object.keys(groups).sort(function (a, b) {
      return groups[a][0].why.kind - groups[b][0].why.kind || data.muster[a].platz - data.muster[b].platz;
    }).map(function (code) { return { pattern: data.muster[code], found: groups[code] }; });
  }

  function patternCard(group, link) {
    var card = element("li", "", { class: "ikz-karte ikz-karte--muster ikz-karte--offen" });
    var box = element("div", "", { class: "ikz-karte__text" });
    var title = element("h3", "", { class: "ikz-karte__titel" });
    title.append(link(group.pattern.titel, group.pattern.adresse));
    var list = element("ul");
    group.found.slice(0, 3).forEach(function (one) { list.append(caseLine(one, link)); });
    box.append(element("p", group.pattern.bekannt, { class: "ikz-karte__art" }), title, element("p", group.pattern.satz), list);
    var more = group.found.length - 3;
    if (more > 0) box.append(element("p", more === 1 ? "und ein weiterer Fall" : "und " + more + " weitere Fälle", { class: "ikz-leise" }));
    card.append(box);
    return card;
  }

  function relax(task, aim) {
    var tip = task && aim ? "Lassen Sie Aufgabe oder Ziel offen." : task ? "Wählen Sie „alle Aufgaben“." : aim ? "Wählen Sie „alle Ziele“." : "";
    return "Dazu kennt die Sammlung keinen Fall. " + tip;
  }

  // What is tried for the same task or aim, but by others: named, since a case may be worth it however far away.
  function elsewhere(rest, link) {
    if (!rest.length) return [];
    var list = element("ul");
    rest.slice(0, 2 * MOST).forEach(function (one) {
      var line = element("li");
      line.append(link(one.titel, one.adresse));
      list.append(line);
    });
    var more = rest.length - 2 * MOST;
    if (more > 0) list.append(element("li", more === 1 ? "und ein weiterer Fall" : "und " + more + " weitere Fälle", { class: "ikz-leise" }));
    return [element("h3", "Anderswo, bei anderen Kommunen"), list];
  }

  function fit(data, fields, link) {
    var own = fields[0].value, task = fields[1].value, aim = fields[2].value;
    if (!own) return task || aim ? [element("p", "Wählen Sie noch Ihre Kommune.")] : [];
    var all = data.faelle.filter(function (one) {
      var rightTask = !task || one.felder.indexOf(task) >= 0;
      return rightTask && (!aim || one.muster.some(function (code) { return data.muster[code].ziele.indexOf(aim) >= 0; }));
    });
    var found = all.map(function (one) { return { one: one, why: reason(data, own, one) }; }).filter(function (one) { return one.why; });
    found.sort(function (a, b) { return a.why.kind - b.why.kind || a.one.titel.localeCompare(b.one.titel, "de"); });
    if (!data.kommunen[own]) return [element("p", "Zu dieser Kommune ließen sich keine Angaben laden.", { class: "ikz-luecke" })];
    var title = element("h2", data.kommunen[own].name);
    var alike = data.kommunen[own].groesse === "kreis" ? "andere Kreise" : "Kommunen mit gleicher Stellung nach § 4 der Gemeindeordnung";
    var rest = all.filter(function (one) { return !reason(data, own, one); });
    rest.sort(function (a, b) { return a.titel.localeCompare(b.titel, "de"); });
    if (!all.length) return [title, element("p", relax(task, aim), { class: "ikz-luecke" })];
    if (!found.length) {
      return [title, element("p", "Bei einer vergleichbaren Kommune oder in der Nähe kennt die Sammlung dazu keinen Fall.", { class: "ikz-luecke" })]
        .concat(elsewhere(rest, link));
    }
    var patterns = element("ul", "", { class: "ikz-karten", role: "list" });
    byPattern(data, found, aim).slice(0, MOST).forEach(function (group) { patterns.append(patternCard(group, link)); });
    var near = found.filter(function (one) { return one.why.kind < SIZE; });
    var list = element("ul");
    near.slice(0, 2 * MOST).forEach(function (one) { list.append(caseLine(one, link)); });
    return [
      title,
      element("p", "Muster, die Ihre Kommune, Nachbarn, Kommunen aus demselben Kreis oder " + alike + " erprobt haben; zuerst das Nächste, darin das weniger Bekannte.", { class: "ikz-leise" }),
      patterns,
      element("h3", "In der Nähe"),
      near.length ? list : element("p", "In der Nähe kennt die Sammlung dazu keinen Fall.")
    ].concat(task || aim ? elsewhere(rest, link) : []);
  }

  tool("[data-ikz-vergleich]", "Die Angaben ließen sich nicht laden. Laden Sie die Seite neu oder öffnen Sie die Fälle einzeln.", side);
  tool("[data-ikz-passt]", "Die Angaben ließen sich nicht laden. Die Tabelle darunter zeigt alles nach Aufgabe.", fit);
})();
