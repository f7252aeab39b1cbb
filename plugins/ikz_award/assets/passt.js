// Which patterns did municipalities like the chosen one try, and what happens nearby? Every line gives its reason.
(function () {
  "use strict";
  var form = document.querySelector("[data-ikz-passt]");
  var result = document.querySelector("[data-ikz-ergebnis]");
  if (!form || !result) return;
  var data = null;
  // How near a case is: the municipality itself, a neighbour, the same district, the same size.
  var SELF = 0, NEIGHBOUR = 1, DISTRICT = 2, SIZE = 3;
  var MOST = 8;

  function element(name, text, attributes) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function link(title, address) {
    return element("a", title, { href: form.dataset.wurzel + address });
  }

  function value(name) {
    return form.elements[name].value;
  }

  function names(keys) {
    var shown = keys.slice(0, 3).map(function (key) { return data.kommunen[key].name; });
    var more = keys.length - shown.length;
    return shown.join(", ") + (more > 0 ? " und " + more + " weitere" : "");
  }

  // Why a case concerns the municipality: the nearest kind, and in words.
  function reason(own, one) {
    var home = data.kommunen[own];
    var near = data.nachbarn[own] || [];
    var kinds = [
      one.ags.filter(function (key) { return key === own; }),
      one.ags.filter(function (key) { return near.indexOf(key) >= 0; }),
      one.ags.filter(function (key) { return key !== own && data.kommunen[key].kreis === home.kreis; }),
      one.ags.filter(function (key) { return key !== own && data.kommunen[key].groesse === home.groesse; }),
    ];
    var words = [
      function () { return home.name + " ist selbst dabei"; },
      function (keys) { return (keys.length === 1 ? "Nachbar: " : "Nachbarn: ") + names(keys); },
      function (keys) { return "aus demselben Kreis: " + names(keys); },
      function (keys) { return "gleiche Größenklasse (" + data.groessen[home.groesse] + "): " + names(keys); },
    ];
    for (var kind = SELF; kind <= SIZE; kind += 1) {
      if (kinds[kind].length) return { kind: kind, text: words[kind](kinds[kind]) };
    }
    return null;
  }

  function fitting() {
    var task = value("feld"), aim = value("ziel");
    return data.faelle.filter(function (one) {
      var rightTask = !task || one.felder.indexOf(task) >= 0;
      var rightAim = !aim || one.muster.some(function (code) { return data.muster[code].ziele.indexOf(aim) >= 0; });
      return rightTask && rightAim;
    });
  }

  function caseLine(found) {
    var line = element("li");
    line.append(link(found.one.titel, found.one.adresse), element("span", " – " + found.why.text, { class: "ikz-leise" }));
    return line;
  }

  function byPattern(found, aim) {
    var groups = {};
    found.forEach(function (one) {
      one.one.muster.forEach(function (code) {
        if (aim && data.muster[code].ziele.indexOf(aim) < 0) return;
        (groups[code] = groups[code] || []).push(one);
      });
    });
    return Object.keys(groups).sort(function (a, b) {
      return groups[b].length - groups[a].length || data.muster[a].platz - data.muster[b].platz;
    }).map(function (code) { return { code: code, found: groups[code] }; });
  }

  function patternCard(group) {
    var pattern = data.muster[group.code];
    var card = element("li", "", { class: "ikz-karte ikz-karte--muster ikz-karte--offen" });
    var box = element("div", "", { class: "ikz-karte__text" });
    var title = element("h3", "", { class: "ikz-karte__titel" });
    title.append(link(pattern.titel, pattern.adresse));
    var list = element("ul");
    group.found.slice(0, 3).forEach(function (one) { list.append(caseLine(one)); });
    box.append(element("p", pattern.bekannt, { class: "ikz-karte__art" }), title, element("p", pattern.satz), list);
    if (group.found.length > 3) box.append(element("p", "und " + (group.found.length - 3) + " weitere Fälle", { class: "ikz-leise" }));
    card.append(box);
    return card;
  }

  function relax(count) {
    var tips = [];
    if (value("feld") && value("ziel")) tips.push("Lassen Sie Aufgabe oder Ziel offen.");
    else if (value("feld")) tips.push("Wählen Sie „alle Aufgaben“.");
    else if (value("ziel")) tips.push("Wählen Sie „alle Ziele“.");
    return "Dazu kennt die Sammlung keinen Fall" + (count ? " bei einer vergleichbaren Kommune oder in der Nähe; anderswo sind es " + count : "") + ". " + tips.join(" ");
  }

  function show() {
    var own = value("kommune");
    if (!own) {
      result.replaceChildren();
      return;
    }
    var all = fitting();
    var found = all.map(function (one) { return { one: one, why: reason(own, one) }; }).filter(function (one) { return one.why; });
    found.sort(function (a, b) { return a.why.kind - b.why.kind || (a.one.titel < b.one.titel ? -1 : 1); });
    var title = element("h2", "Für " + data.kommunen[own].name);
    if (!found.length) {
      result.replaceChildren(title, element("p", relax(all.length), { class: "ikz-luecke" }));
      return;
    }
    var patterns = element("ul", "", { class: "ikz-karten", role: "list" });
    byPattern(found, value("ziel")).slice(0, MOST).forEach(function (group) { patterns.append(patternCard(group)); });
    var near = found.filter(function (one) { return one.why.kind < SIZE; });
    var list = element("ul");
    near.slice(0, 2 * MOST).forEach(function (one) { list.append(caseLine(one)); });
    result.replaceChildren(
      title,
      element("p", "Muster, die Ihre Kommune, Nachbarn, Kommunen aus demselben Kreis oder derselben Größenklasse erprobt haben; zuerst die mit den meisten Fällen.", { class: "ikz-leise" }),
      patterns,
      element("h3", "In der Nähe"),
      near.length ? list : element("p", "In der Nähe kennt die Sammlung dazu keinen Fall.")
    );
  }

  function remember() {
    var query = new URLSearchParams();
    ["kommune", "feld", "ziel"].forEach(function (name) { if (value(name)) query.set(name, value(name)); });
    var text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? "?" + text : ""));
  }

  new URLSearchParams(location.search).forEach(function (wanted, name) {
    var field = form.elements[name];
    if (field && field.options && Array.prototype.some.call(field.options, function (one) { return one.value === wanted; })) {
      field.value = wanted;
    }
  });
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
    result.replaceChildren(element("p", "Die Angaben ließen sich nicht laden. Die Tabelle darunter zeigt alles nach Aufgabe.", { class: "ikz-luecke" }));
  });
})();
