"use strict";
(() => {
  const book = JSON.parse(document.getElementById("_book").textContent);
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const start = one(".start");

  /** A new element with properties (attributes where the name has a hyphen) and children. */
  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.includes("-")) element.setAttribute(name, value);
      else element[name] = value;
    }
    element.append(...children);
    return element;
  }

  /* Words: folded as the program folds them, so that two spellings of one word meet. */

  function fold(text) {
    let folded = text.toLowerCase().replace(/[α-ωµ]/g, (letter) => book.greek[letter] || letter);
    folded = folded.normalize("NFKD").replace(/\p{M}/gu, "");
    for (const [from, to] of book.spellings) folded = folded.replaceAll(from, to);
    return folded.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  const holds = (text, words) => words.every((word) => ` ${text}`.includes(` ${word}`));

  /* Lists: filter and sort. */

  function value(item, index, column) {
    const cell = item.cells ? item.cells[index] : one(`[data-k="${column.key}"]`, item);
    const text = cell ? (one("a", cell) && index === 0 ? one("a", cell) : cell).textContent.trim() : "";
    return text === "not found" ? "" : text;
  }

  function rank(text, column) {
    if (!text) return Infinity;
    if (column.order) return column.order.indexOf(text.split("; ")[0]);
    return column.number ? parseFloat(text) : text;
  }

  /** Put the items in order; those that have no value come last, whichever way. */
  function sortBy(list, index, column, down) {
    const body = list.tBodies ? list.tBodies[0] : list;
    const rows = [...body.children].map((row) => [rank(value(row, index, column), column), row]);
    rows.sort(([a], [b]) => {
      if (a === Infinity || b === Infinity) return (a === Infinity) - (b === Infinity);
      const order = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
      return down ? -order : order;
    });
    body.append(...rows.map(([, row]) => row));
  }

  /** The values that a column can be picked by: those of a closed set in its order, names by the alphabet. */
  function choicesOf(items, index, column) {
    const found = new Set(items.flatMap((item) => value(item, index, column).split("; ")).filter(Boolean));
    if (column.order) return column.order.filter((label) => found.has(label));
    return column.pick ? [...found].sort((a, b) => a.localeCompare(b, "en")) : [];
  }

  function prepareList(list) {
    const columns = book.kinds[list.dataset.list].columns;
    const items = [...(list.tBodies ? list.tBodies[0].rows : list.children)];
    const words = make("input", { type: "search", autocomplete: "off" });
    const count = make("output", {});
    const controls = make("div", { className: "controls" }, make("label", {}, "Only those with", words));
    const choices = [];
    columns.forEach((column, index) => {
      const options = choicesOf(items, index, column);
      if (options.length < 2) return;
      const select = make("select", {}, make("option", { value: "" }, "all"),
        ...options.map((text) => make("option", {}, text)));
      choices.push([select, index, column]);
      controls.append(make("label", {}, column.label, select));
    });
    controls.append(count);
    const filter = () => {
      const wanted = fold(words.value).split(" ").filter(Boolean);
      let shown = 0;
      for (const item of items) {
        const fits = choices.every(([select, index, column]) => !select.value
            || value(item, index, column).split("; ").includes(select.value))
          && (!wanted.length || holds(fold(item.textContent), wanted));
        item.hidden = !fits;
        shown += fits;
      }
      count.textContent = shown === items.length ? `${shown} in all` : `${shown} of ${items.length}`;
    };
    words.addEventListener("input", filter);
    controls.addEventListener("change", filter);
    list.before(controls);
    filter();
    prepareSorting(list, columns, controls);
    if (book.kinds[list.dataset.list].compared.length) preparePicking(list, items);
  }

  function prepareSorting(list, columns, controls) {
    if (list.tHead) {
      const heads = [...list.tHead.rows[0].cells];
      heads.forEach((head, index) => {
        const button = make("button", { type: "button", className: "plain" }, head.textContent);
        button.addEventListener("click", () => {
          const down = head.getAttribute("aria-sort") === "ascending";
          sortBy(list, index, columns[index], down);
          heads.forEach((each) => each.removeAttribute("aria-sort"));
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
        });
        head.replaceChildren(button);
      });
      return;
    }
    const select = make("select", {}, make("option", { value: "" }, "the book"));
    columns.forEach((column, index) => {
      if (one(`[data-k="${column.key}"]`, list)) select.append(make("option", { value: index }, column.label));
    });
    if (select.length < 2) return;
    const original = [...list.children];
    select.addEventListener("change", () => {
      list.append(...original);
      const column = columns[select.value];
      if (select.value) sortBy(list, +select.value, column, Boolean(column.number));
    });
    controls.lastChild.before(make("label", {}, "In the order of", select));
  }

  /* Comparison: the sections of several pages, side by side. */

  const titleOf = (id) => one("h1", document.getElementById(id)).textContent;

  function preparePicking(list, items) {
    const go = make("button", { type: "button" }, "Compare side by side");
    const clear = make("button", { type: "button", className: "plain" }, "Choose none");
    const said = make("output", {});
    const tray = make("div", { className: "tray", hidden: true }, said, go, clear);
    const boxes = items.map((row) => {
      const link = one("a", row);
      const box = make("input", { type: "checkbox", className: "pick", value: link.hash.slice(1),
        "aria-label": `Compare ${link.textContent}` });
      link.before(box);
      return box;
    });
    const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
    const tell = () => {
      const count = chosen().length;
      tray.hidden = !count;
      go.disabled = count < 2 || count > book.most;
      said.textContent = count < 2 ? "1 chosen: choose another to compare"
        : count > book.most ? `${count} chosen: at most ${book.most} fit side by side` : `${count} chosen`;
    };
    list.addEventListener("change", tell);
    clear.addEventListener("click", () => { boxes.forEach((box) => { box.checked = false; }); tell(); });
    go.addEventListener("click", () => { location.hash = `_compare=${chosen().join(",")}`; });
    list.after(tray);
  }

  /** What a record says in a field: the text and the footnotes of each piece. */
  function pieces(id, key) {
    const part = one(`[data-k="${key}"]`, document.getElementById(id));
    if (!part) return [];
    return part.tagName === "SECTION" ? all("li", part) : [one("dd", part)];
  }

  function bare(piece) {
    const copy = piece.cloneNode(true);
    all("sup", copy).forEach((mark) => mark.remove());
    const link = one("a", copy);
    return link ? link.hash : copy.textContent.trim();
  }

  function cellOf(id, found, shared) {
    const cell = make("td", { "data-label": titleOf(id) });
    const items = found.map((piece) => {
      const item = make(found.length > 1 ? "li" : "div", { className: shared.has(bare(piece)) ? "shared" : "" });
      item.append(...piece.cloneNode(true).childNodes);
      all("[id]", item).forEach((each) => each.removeAttribute("id"));
      return item;
    });
    items.sort((a, b) => b.className.length - a.className.length);
    if (items.length > 1) cell.append(make("ul", {}, ...items));
    else cell.append(items[0] || make("span", { className: "gap" }, "not found"));
    return cell;
  }

  function buildComparison(ids) {
    const kind = book.kinds[document.getElementById(ids[0]).dataset.kind];
    const body = make("tbody");
    for (const [key, label, chosen] of kind.compared) {
      const columns = ids.map((id) => pieces(id, key));
      if (columns.every((found) => !found.length)) continue;
      const texts = columns.map((found) => new Set(found.map(bare)));
      const shared = new Set([...texts[0]].filter((text) => texts.every((each) => each.has(text))));
      const same = texts.every((each) => each.size === shared.size);
      body.append(make("tr", { className: same ? "same" : "" },
        make("th", { scope: "row" }, label, make("small", {}, same ? "same" : chosen ? "different" : "")),
        ...ids.map((id, index) => cellOf(id, columns[index], shared))));
    }
    const heads = ids.map((id) => make("th", { scope: "col" }, make("a", { href: `#${id}` }, titleOf(id))));
    const only = make("input", { type: "checkbox", className: "pick" });
    only.addEventListener("change", () => { all(".same", body).forEach((row) => { row.hidden = only.checked; }); });
    const page = make("article", { className: "page comparison" },
      make("h1", { tabIndex: -1 }, ids.map(titleOf).join(" and ")),
      make("p", { className: "lead" }, "= stands in every one of them. Numbers from different trials cannot be ranked against each other."),
      make("div", { className: "controls" }, make("label", {}, make("span", {}, only, "only what differs"))),
      make("table", { className: "compared" }, make("thead", {}, make("tr", {}, make("td"), ...heads)), body));
    one("main").append(page);
    return page;
  }

  const comparisons = new Map();

  /** The page that an address such as `_compare=a,b` asks for; none where its records cannot be compared. */
  function comparison(name) {
    const ids = name.slice("_compare=".length).split(",").filter((id) => one(`.record[id="${CSS.escape(id)}"]`));
    const kinds = new Set(ids.map((id) => document.getElementById(id).dataset.kind));
    if (ids.length < 2 || ids.length > book.most || kinds.size > 1) return null;
    if (!comparisons.has(name)) comparisons.set(name, buildComparison(ids));
    return comparisons.get(name);
  }

  /* Pages: what a page needs when it is first shown. */

  function prepareRecord(page) {
    const kind = page.dataset.kind;
    if (!book.kinds[kind].compared.length) return;
    const others = all(`.record[data-kind="${kind}"]`).filter((other) => other !== page);
    if (!others.length) return;
    const select = make("select", {}, make("option", { value: "" }, "choose…"),
      ...others.map((other) => make("option", { value: other.id }, one("h1", other).textContent)));
    select.addEventListener("change", () => {
      if (select.value) location.hash = `_compare=${page.id},${select.value}`;
      select.value = "";
    });
    one("header", page).append(make("div", { className: "tools" }, make("label", {}, "Compare with ", select)));
  }

  /** The sources that a page cites, in full, at its end: for the reader, and for paper. */
  function addSources(page) {
    const cited = new Set(all("sup a", page).map((link) => link.hash.slice(1)));
    const found = all(".sources > li").filter((source) => cited.has(source.id));
    if (!found.length) return;
    const list = make("ol", {}, ...found.map((source) =>
      make("li", { "data-n": source.dataset.n }, one("p", source).cloneNode(true))));
    (one(".rest", page) || page).append(make("section", { className: "used" }, make("h2", {}, "Sources"), list));
  }

  const ready = new WeakSet();
  let settle;

  function show() {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name.startsWith("_compare=") ? comparison(name) : document.getElementById(name);
    const page = (target && target.closest(".page")) || start;
    closeResults();
    all(".shown").forEach((each) => each.classList.remove("shown"));
    if (page.matches(".comparison")) page.classList.add("shown");
    if (name !== "_all" && !ready.has(page)) {
      ready.add(page);
      const list = one("[data-list]", page);
      if (list) prepareList(list);
      else addSources(page);
      if (page.matches(".record")) prepareRecord(page);
    }
    const chapter = page.dataset.kind ? `_${page.dataset.kind}` : page.id;
    for (const link of all(".chapters a")) {
      if (link.hash === `#${chapter}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = page === start ? title : `${one("h1", page).textContent} – mesoref handbook`;
    settle = () => {
      if (target === page) scrollTo(0, 0);
      else if (target) target.scrollIntoView({ block: name === "_all" ? "start" : "center" });
    };
    requestAnimationFrame(settle);
  }

  const title = document.title;

  /* Search: over every record, its index built when it is first asked for. */

  const query = one("#_query");
  const results = one("#_results");
  let index;

  function buildIndex() {
    return all(".record, .entry, .sources > li").map((element) => {
      const heading = (one("h1, h2", element) || one("p", element)).textContent;
      const kind = element.dataset.kind || element.closest(".chapter").id.slice(1);
      const aka = one(".aka", element);
      const names = aka ? aka.textContent.replace(/^[^:]*: /, "").split("; ").map(fold) : [];
      return { element, kind, title: heading, head: fold(heading), names: [fold(element.id), ...names],
        text: fold(element.textContent) };
    });
  }

  function score(entry, words) {
    if (!holds(entry.text, words)) return 0;
    if ([entry.head, ...entry.names].includes(words.join(" "))) return 5;
    if (holds(entry.head, words)) return entry.head.startsWith(words[0]) ? 4 : 3;
    return entry.names.some((name) => holds(name, words)) ? 2 : 1;
  }

  /** A passage with the words marked. */
  function passage(element, words) {
    const texts = all("li, dd, p", element).map((each) => each.textContent);
    const best = texts.find((text) => holds(fold(text), words)) || texts.find((text) => words.some((word) => holds(fold(text), [word])));
    if (!best) return [];
    return best.split(/([\p{L}\p{N}]+)/u).map((part) =>
      part && words.some((word) => fold(part).startsWith(word)) ? make("mark", {}, part) : part);
  }

  function search() {
    const words = fold(query.value).split(" ").filter(Boolean);
    if (!words.length) return closeResults();
    index = index || buildIndex();
    const found = index.map((entry) => [score(entry, words), entry]).filter(([points]) => points).sort(([a], [b]) => b - a);
    const shown = found.slice(0, 30).map(([, entry]) => make("li", {},
      make("a", { href: `#${entry.element.id}` }, entry.title), " ",
      make("small", {}, book.kinds[entry.kind].name), make("br"),
      make("small", {}, ...passage(entry.element, words))));
    const count = `${found.length} found${found.length > 30 ? ", the best 30 shown" : ""}`;
    results.replaceChildren(make("p", { role: "status" }, make("small", {}, count)), make("ol", {}, ...shown));
    results.hidden = false;
  }

  function closeResults() {
    results.hidden = true;
  }

  function move(event) {
    const links = [query, ...all("a", results)];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { query.focus(); closeResults(); }
    else if (at >= 0 && event.key === "ArrowDown" && links[at + 1]) { links[at + 1].focus(); event.preventDefault(); }
    else if (at > 0 && event.key === "ArrowUp") { links[at - 1].focus(); event.preventDefault(); }
  }

  const form = one(".search");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("input", search);
  query.addEventListener("focus", search);
  one(".top").addEventListener("keydown", move);
  results.addEventListener("click", (event) => { if (event.target.closest("a")) closeResults(); });
  document.addEventListener("click", (event) => { if (!event.target.closest(".top")) closeResults(); });

  document.documentElement.classList.add("js");
  addEventListener("hashchange", show);
  addEventListener("load", () => setTimeout(settle));
  show();
})();
