// The collection: links to the plain lists become boxes to tick, cards are shown, hidden and put in order. What is chosen
// lives in the address, so that it can be passed on and the way back works. And tables that can be sorted.
(function () {
  "use strict";

  var STANDARD = "neueste";
  var ORDERS = [["neueste", "Neueste zuerst"], ["seltenste", "Seltenste zuerst"], ["titel", "A bis Z"]];
  var WIDE = "(min-width: 60em)";

  function element(name, text, attributes) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function all(root, selector) {
    return Array.prototype.slice.call(root.querySelectorAll(selector));
  }

  function cases(number) {
    return number + (number === 1 ? " Kooperation" : " Kooperationen");
  }

  // --- the collection

  function collection(root) {
    var list = root.querySelector("[data-ikz-karten]");
    var filter = root.querySelector("[data-ikz-filter]");
    var heading = root.querySelector("#ergebnis");
    var count = root.querySelector("[data-ikz-anzahl]");
    var chips = root.querySelector("[data-ikz-auswahl]");
    var empty = root.querySelector("[data-ikz-leer]");
    var total = root.querySelector("[data-ikz-gewaehlt]");
    var cards = all(list, "[data-merkmale]").map(function (node) {
      return { node: node, marks: new Set(node.dataset.merkmale.split(" ")) };
    });
    var facets = all(root, "[data-facette]").map(makeFacet);
    var order = makeOrder();
    var onward = element("a", "", { href: "#ergebnis", class: "ikz-knopf ikz-filter__weiter" });
    filter.querySelector(".ikz-filter__inhalt").append(onward);

    var hint = element("p", "Die Adresse nennt eine Auswahl, die es hier nicht gibt. Sie bleibt außer Acht.", { class: "ikz-luecke" });
    hint.hidden = true;
    chips.before(hint);

    // The list of links becomes a group of boxes; its summary stays what opens it.
    function makeFacet(box) {
      var title = box.querySelector("summary").textContent.trim();
      var ul = box.querySelector("ul");
      var group = element("fieldset");
      group.append(element("legend", title, { class: "ikz-nur-vorlesen" }));
      ul.replaceWith(group);
      group.append(ul);
      var facet = { key: box.dataset.facette, title: title, box: box, list: ul };
      facet.values = all(ul, "li").map(function (line) {
        var link = line.querySelector("a");
        var number = line.querySelector(".ikz-zahl");
        var label = element("label");
        var input = element("input", "", { type: "checkbox", autocomplete: "off" });
        input.addEventListener("change", chosen);
        // Seen as a number at the edge, read as what it counts.
        label.append(input, element("span", link.textContent), " ", number, element("span", " Treffer", { class: "ikz-nur-vorlesen" }));
        line.replaceChildren(label);
        return { code: link.dataset.wert, title: link.textContent, mark: facet.key + ":" + link.dataset.wert, input: input, number: number };
      });
      return facet;
    }

    function makeOrder() {
      var place = root.querySelector("[data-ikz-sortierung]");
      var select = element("select", "", { id: "sortierung", autocomplete: "off" });
      ORDERS.forEach(function (one) { select.append(element("option", one[1], { value: one[0] })); });
      select.addEventListener("change", chosen);
      place.replaceChildren(element("label", "Sortieren", { for: "sortierung" }), select);
      return select;
    }

    function picked(facet) {
      return facet.values.filter(function (one) { return one.input.checked; });
    }

    // Any of the values of a facet, in each of the facets; one facet may be left out of account.
    function fits(card, without) {
      return facets.every(function (facet) {
        var wanted = picked(facet);
        return facet === without || !wanted.length || wanted.some(function (one) { return card.marks.has(one.mark); });
      });
    }

    function fitting(without) {
      return cards.filter(function (card) { return fits(card, without); });
    }

    function update() {
      var found = fitting();
      cards.forEach(function (card) { card.node.hidden = found.indexOf(card) < 0; });
      facets.forEach(function (facet) {
        var around = fitting(facet);
        facet.values.forEach(function (one) {
          var number = around.filter(function (card) { return card.marks.has(one.mark); }).length;
          one.number.textContent = number;
          one.input.disabled = !number && !one.input.checked;
        });
        // A list in which nothing can be chosen still has to scroll by keyboard.
        if (facet.values.every(function (one) { return one.input.disabled; })) facet.list.tabIndex = 0;
        else facet.list.removeAttribute("tabindex");
      });
      cards.sort(function (a, b) { return a.node.dataset[order.value] - b.node.dataset[order.value]; });
      list.append.apply(list, cards.map(function (card) { return card.node; }));
      var active = facets.filter(function (facet) { return picked(facet).length; });
      heading.textContent = active.length ? "Treffer" : "Alle Fälle";
      // Only a change is read aloud, so the same words are not written again.
      var words = active.length ? found.length + " von " + cases(cards.length) : cases(cards.length);
      if (count.textContent !== words) count.textContent = words;
      var many = active.reduce(function (sum, facet) { return sum + picked(facet).length; }, 0);
      total.textContent = many ? many + " gewählt" : "";
      onward.textContent = found.length ? cases(found.length) + " ansehen" : "Kein Treffer: was hilft?";
      showChips(active);
      showEmpty(found, active);
    }

    function showChips(active) {
      var line = element("ul", "", { class: "ikz-chips", role: "list", "aria-label": "Gewählt" });
      active.forEach(function (facet) {
        picked(facet).forEach(function (one) {
          var button = element("button", "", { type: "button" });
          button.append(one.title, element("span", " entfernen", { class: "ikz-nur-vorlesen" }), element("span", "×", { "aria-hidden": "true" }));
          button.addEventListener("click", function () {
            var at = all(chips, "button").indexOf(button);
            one.input.checked = false;
            chosen();
            // The button is gone: go on with the one in its place, or with what is found.
            var left = all(chips, "li button");
            (left[Math.min(at, left.length - 2)] || heading).focus();
          });
          var item = element("li");
          item.append(button);
          line.append(item);
        });
      });
      if (active.length) {
        var item = element("li");
        item.append(resetButton());
        line.append(item);
      }
      chips.replaceChildren.apply(chips, active.length ? [line] : []);
    }

    function resetButton() {
      var button = element("button", "alles zurücksetzen", { type: "button", class: "ikz-chips__alles" });
      button.addEventListener("click", function () {
        facets.forEach(clear);
        chosen();
        heading.focus();
      });
      return button;
    }

    function clear(facet) {
      facet.values.forEach(function (one) { one.input.checked = false; });
    }

    // Nothing fits: which single facet to drop, and what that would give.
    function showEmpty(found, active) {
      empty.hidden = found.length > 0;
      if (found.length) { empty.replaceChildren(); return; }
      var ways = active.map(function (facet) { return { facet: facet, number: fitting(facet).length }; })
        .filter(function (one) { return one.number; })
        .sort(function (a, b) { return b.number - a.number; });
      var line = element("ul", "", { role: "list" });
      ways.forEach(function (way) {
        var names = picked(way.facet).map(function (one) { return "„" + one.title + "“"; }).join(" und ");
        var button = element("button", "Ohne " + way.facet.title + " " + names + ": " + cases(way.number), { type: "button", class: "ikz-knopf ikz-knopf--leise" });
        button.addEventListener("click", function () {
          clear(way.facet);
          chosen();
          heading.focus();
        });
        var item = element("li");
        item.append(button);
        line.append(item);
      });
      empty.replaceChildren(
        element("p", ways.length ? "Keine Kooperation hat alles zugleich. Lassen Sie eine Angabe weg:" : "Keine Kooperation hat alles zugleich, und eine Angabe wegzulassen genügt nicht. Setzen Sie alles zurück."),
        line
      );
    }

    function chosen() {
      update();
      hint.hidden = true;
      var query = new URLSearchParams();
      facets.forEach(function (facet) {
        picked(facet).forEach(function (one) { query.append(facet.key, one.code); });
      });
      if (order.value !== STANDARD) query.set("sortierung", order.value);
      var text = query.toString();
      history.pushState(null, "", location.pathname + (text ? "?" + text : ""));
    }

    function fromAddress() {
      var query = new URLSearchParams(location.search);
      facets.forEach(function (facet) {
        var wanted = query.getAll(facet.key);
        facet.values.forEach(function (one) { one.input.checked = wanted.indexOf(one.code) >= 0; });
        if (picked(facet).length) facet.box.open = true;
      });
      hint.hidden = Array.from(query).every(function (pair) {
        return pair[0] === "sortierung" || facets.some(function (facet) {
          return facet.key === pair[0] && facet.values.some(function (one) { return one.code === pair[1]; });
        });
      });
      var wanted = query.get("sortierung");
      order.value = ORDERS.some(function (one) { return one[0] === wanted; }) ? wanted : STANDARD;
      update();
    }

    if (window.matchMedia(WIDE).matches) filter.open = true;
    window.addEventListener("popstate", fromAddress);
    fromAddress();
    root.setAttribute("data-ikz-bereit", "");
  }

  // --- tables

  function sortable(table) {
    var body = table.tBodies[0];
    var words = new Intl.Collator("de");
    all(table.tHead, "th").forEach(function (cell, at) {
      var button = element("button", cell.textContent, { type: "button" });
      cell.replaceChildren(button);
      if (cell.dataset.sortiert) cell.setAttribute("aria-sort", "ascending");
      button.addEventListener("click", function () {
        var numbers = cell.hasAttribute("data-zahl");
        // Of numbers the largest first, of words A first; a second time the other way round.
        var before = cell.getAttribute("aria-sort");
        var down = before ? before === "ascending" : numbers;
        all(table.tHead, "th").forEach(function (one) { one.removeAttribute("aria-sort"); });
        cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rows = Array.prototype.slice.call(body.rows);
        rows.sort(function (a, b) {
          var one = a.cells[at].textContent, other = b.cells[at].textContent;
          return (numbers ? one - other : words.compare(one, other)) * (down ? -1 : 1);
        });
        body.append.apply(body, rows);
      });
    });
  }

  all(document, "[data-ikz-sammlung]").forEach(collection);
  all(document, "[data-ikz-sortierbar]").forEach(sortable);
})();
