// The search: asks the index in the browser, no server. What is asked stands in the address, so that it can be passed on
// and the back button works. Texts from the index become text nodes only, never markup.
(function () {
  "use strict";

  var PAGE = 10;
  // Titles, sentences and excerpts carry a sign between the parts of compounds, see search_text.py.
  var JOINT = /([\p{L}])\|(?=\p{L})/gu;

  var form = document.querySelector("[data-ikz-suche]");
  if (!form) return;
  var field = form.elements.q;
  var order = form.elements.folge;
  var status = document.querySelector("[data-ikz-stand]");
  var place = document.querySelector("[data-ikz-treffer]");
  var panel = form.querySelector("[data-ikz-filter]");
  var chosenCount = form.querySelector("[data-ikz-gewaehlt]");
  var groups = Array.prototype.slice.call(form.querySelectorAll("[data-ikz-gruppe]"));
  var names = groups.map(function (one) { return one.dataset.ikzGruppe; });
  var titles = {};
  groups.forEach(function (one) { titles[one.dataset.ikzGruppe] = one.querySelector("legend").textContent; });
  var pagefind = null;
  var asked = 0;

  function element(name, text, attributes) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function whole(text) { return (text || "").replace(JOINT, "$1"); }

  function results(count) { return count === 1 ? "1 Ergebnis" : count + " Ergebnisse"; }

  // --- what is asked

  function fromAddress() {
    var query = new URLSearchParams(location.search);
    var filters = {};
    names.forEach(function (name) {
      var values = query.getAll(name);
      if (values.length) filters[name] = values;
    });
    return { words: (query.get("q") || "").trim(), filters: filters, order: query.get("folge") === "titel" ? "titel" : "" };
  }

  function fromForm() {
    var filters = {};
    form.querySelectorAll("input[type=checkbox]:checked").forEach(function (box) {
      (filters[box.name] = filters[box.name] || []).push(box.value);
    });
    return { words: field.value.trim(), filters: filters, order: order.value };
  }

  function address(question) {
    var query = new URLSearchParams();
    if (question.words) query.set("q", question.words);
    names.forEach(function (name) {
      (question.filters[name] || []).forEach(function (value) { query.append(name, value); });
    });
    if (question.order) query.set("folge", question.order);
    var text = query.toString();
    return location.pathname + (text ? "?" + text : "");
  }

  function isEmpty(question) { return !question.words && !Object.keys(question.filters).length; }

  function without(question, name, value) {
    var filters = {};
    names.forEach(function (key) {
      var kept = (question.filters[key] || []).filter(function (one) { return key !== name || (value && one !== value); });
      if (kept.length) filters[key] = kept;
    });
    return { words: question.words, filters: filters, order: question.order };
  }

  function withWords(question, words) { return { words: words, filters: question.filters, order: question.order }; }

  // --- asking

  function ask(question) {
    var filters = {};
    Object.keys(question.filters).forEach(function (name) { filters[name] = { any: question.filters[name] }; });
    var sort = question.order ? { titel: "asc" } : {};
    return pagefind.search(question.words || null, { filters: filters, sort: sort });
  }

  // How many there would be for each value of a filter if another one of the same filter were chosen.
  function counts(question, found) {
    return Promise.all(names.map(function (name) {
      if (!question.filters[name]) return found.filters[name] || {};
      return ask(without(question, name)).then(function (other) { return other.filters[name] || {}; });
    }));
  }

  // --- filters

  function drawFilters(question, numbers) {
    var many = 0;
    groups.forEach(function (group, at) {
      var name = names[at];
      var chosen = question.filters[name] || [];
      var values = Object.keys(numbers[at]).filter(function (one) { return numbers[at][one] || chosen.indexOf(one) >= 0; });
      chosen.forEach(function (one) { if (values.indexOf(one) < 0) values.push(one); });
      values.sort(function (a, b) { return (numbers[at][b] || 0) - (numbers[at][a] || 0) || a.localeCompare(b, "de"); });
      many += chosen.length;
      // A filter that leaves everything as it is helps nobody.
      group.hidden = values.length < 2 && !chosen.length;
      var focused = document.activeElement && document.activeElement.name === name ? document.activeElement.value : null;
      while (group.lastElementChild.tagName !== "LEGEND") group.lastElementChild.remove();
      var box = element("div", "", { class: "ikz-suche__werte" });
      values.forEach(function (value) {
        var line = element("label");
        var check = element("input", "", { type: "checkbox", name: name, value: value, autocomplete: "off" });
        check.checked = chosen.indexOf(value) >= 0;
        line.append(check, " " + value + " ", element("span", "(" + (numbers[at][value] || 0) + ")", { class: "ikz-leise" }), element("span", " Treffer", { class: "ikz-nur-vorlesen" }));
        box.append(line);
      });
      group.append(box);
      // The list is drawn anew while somebody walks through it.
      box.querySelectorAll("input").forEach(function (one) { if (one.value === focused) one.focus({ preventScroll: true }); });
    });
    panel.hidden = groups.every(function (one) { return one.hidden; });
    chosenCount.textContent = many ? "(" + many + " gewählt)" : "";
    if (many) panel.open = true;
  }

  // --- results

  function folded(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ß/g, "ss");
  }

  // Without any page for a word the index answers with words that begin alike. Whether it did, only the answers tell.
  function isNear(words, all) {
    var text = folded(all.map(function (data) {
      var marked = data.excerpt.match(/<mark>.*?<\/mark>/g) || [];
      return whole([data.meta.title, data.meta.satz].concat(marked).join(" "));
    }).join(" "));
    return words.split(/[\s-]+/).some(function (word) {
      // Endings change, the beginning stays.
      var stem = folded(word).replace(/[^\p{L}\p{N}]/gu, "");
      return stem.length > 3 && text.indexOf(stem.slice(0, Math.max(4, stem.length - 3))) < 0;
    });
  }

  // An excerpt is HTML with marks; only its text and the marks are taken over.
  function excerpt(html) {
    var line = element("p", "", { class: "ikz-treffer__auszug" });
    new DOMParser().parseFromString(html, "text/html").body.childNodes.forEach(function (node) {
      line.append(node.nodeName === "MARK" ? element("mark", whole(node.textContent)) : whole(node.textContent));
    });
    return line;
  }

  function hit(data) {
    var item = element("li", "", { class: "ikz-treffer__eintrag" });
    var title = element("h3", "", { class: "ikz-treffer__titel" });
    title.append(element("a", whole(data.meta.title), { href: data.url }));
    item.append(title, element("p", (data.filters.art || [""])[0], { class: "ikz-karte__art" }));
    if (data.meta.satz) item.append(element("p", whole(data.meta.satz)));
    if (data.excerpt.indexOf("<mark>") >= 0) item.append(excerpt(data.excerpt));
    return item;
  }

  function drawResults(question, found, mine) {
    var title = element("h2", "Ergebnisse", { class: "ikz-treffer__kopf", id: "ergebnisse" });
    var list = element("ol", "", { class: "ikz-treffer", role: "list" });
    var more = element("button", "Weitere Ergebnisse", { type: "button", class: "ikz-knopf ikz-knopf--leise" });
    var shown = 0;
    function next(byHand) {
      var part = found.results.slice(shown, shown + PAGE);
      shown += part.length;
      more.hidden = shown >= found.results.length;
      return Promise.all(part.map(function (one) { return one.data(); })).then(function (all) {
        if (mine !== asked) return;
        if (!byHand && isNear(question.words, all)) {
          status.textContent = "Genau so steht „" + question.words + "“ auf keiner Seite. Ähnliches: " + results(found.results.length) + ".";
        }
        var items = all.map(hit);
        list.append.apply(list, items);
        if (byHand && items.length) items[0].querySelector("a").focus();
      });
    }
    more.addEventListener("click", function () { next(true).catch(sorry); });
    place.replaceChildren(title, list, more);
    return next(false);
  }

  // --- nothing found: what would help, each with its number

  function spellings(words) {
    var found = [];
    var umlauts = words.replace(/ae/g, "ä").replace(/oe/g, "ö").replace(/ue/g, "ü").replace(/Ae/g, "Ä").replace(/Oe/g, "Ö").replace(/Ue/g, "Ü");
    var many = words.split(/[\s,;]+/).filter(Boolean);
    found.push(umlauts, words.replace(/-/g, " "), many.join(""));
    if (many.length > 1) found = found.concat(many);
    else for (var cut = 1; cut <= 5 && words.length - cut >= 4; cut += 1) found.push(words.slice(0, -cut));
    return found.filter(function (one, at) { return one && one !== words && found.indexOf(one) === at; });
  }

  function helpWith(question) {
    var ways = [];
    names.forEach(function (name) {
      (question.filters[name] || []).forEach(function (value) {
        ways.push({ text: "Ohne den Filter „" + titles[name] + ": " + value + "“", question: without(question, name, value) });
      });
    });
    if (ways.length > 1) ways.push({ text: "Ohne alle Filter", question: { words: question.words, filters: {}, order: question.order } });
    spellings(question.words).forEach(function (words) {
      ways.push({ text: "Nach „" + words + "“ suchen", question: withWords(question, words) });
    });
    return Promise.all(ways.map(function (way) {
      return ask(way.question).then(function (found) { return { text: way.text, question: way.question, count: found.results.length }; });
    })).then(function (all) { return all.filter(function (one) { return one.count; }).slice(0, 6); });
  }

  function drawHelp(question, ways) {
    var list = element("ul");
    ways.forEach(function (way) {
      var line = element("li");
      line.append(element("a", way.text, { href: address(way.question) }), ": " + results(way.count));
      list.append(line);
    });
    var title = element("h2", "Was helfen kann");
    if (!ways.length) list.append(element("li", "Versuchen Sie ein anderes oder allgemeineres Wort, oder sehen Sie in den Listen nach."));
    place.replaceChildren(title, list);
  }

  // --- all together

  function summary(question, count) {
    var many = Object.keys(question.filters).reduce(function (sum, name) { return sum + question.filters[name].length; }, 0);
    return (count ? results(count) : "Kein Ergebnis") +
      (question.words ? " für „" + question.words + "“" : "") +
      (many ? (many === 1 ? " mit einem Filter" : " mit " + many + " Filtern") : "") + ".";
  }

  var title = document.title;

  function show(question) {
    var mine = asked += 1;
    document.title = (question.words ? "„" + question.words + "“ – " : "") + title;
    field.value = question.words;
    order.value = question.order;
    return ask(question).then(function (found) {
      return counts(question, found).then(function (numbers) {
        if (mine !== asked) return null;
        drawFilters(question, numbers);
        if (isEmpty(question)) {
          status.textContent = "";
          place.replaceChildren();
          return null;
        }
        status.textContent = summary(question, found.results.length);
        if (found.results.length) return drawResults(question, found, mine);
        return helpWith(question).then(function (ways) { if (mine === asked) drawHelp(question, ways); });
      });
    }).catch(sorry);
  }

  function go(question) {
    var target = address(question);
    if (target !== location.pathname + location.search) history.pushState(null, "", target);
    show(question);
  }

  function sorry() {
    panel.hidden = true;
    place.replaceChildren();
    status.textContent = "Die Suche ist hier nicht eingerichtet oder ließ sich nicht laden. Laden Sie die Seite neu, oder nutzen Sie die Listen darunter.";
  }

  // The index costs some hundred kilobytes: it comes when somebody asks, or is about to.
  var loading = null;
  function load() {
    if (loading) return loading;
    status.textContent = "Die Suche wird geladen …";
    loading = import(new URL(form.dataset.wurzel + "pagefind/pagefind.js", document.baseURI).href).then(function (loaded) {
      pagefind = loaded;
      // One program less to load: asked in the page itself, a few hundred pages take no time.
      return pagefind.options({ noWorker: true, excerptLength: 24, ranking: { metaWeights: { title: 6, satz: 2, teile: 0.5 } } });
    }).then(function () { return pagefind.filters(); }).then(function () {
      window.addEventListener("popstate", function () { show(fromAddress()); });
      // Somebody may have typed on in the meantime.
      return show(withWords(fromAddress(), field.value.trim()));
    });
    loading.catch(sorry);
    return loading;
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    load().then(function () { go(fromForm()); }, sorry);
  });
  form.addEventListener("change", function (event) {
    if (event.target !== field) load().then(function () { go(fromForm()); }, sorry);
  });
  var question = fromAddress();
  field.value = question.words;
  order.value = question.order;
  if (isEmpty(question)) ["focusin", "pointerdown"].forEach(function (name) { form.addEventListener(name, load, { once: true }); });
  else load();
})();
