// What pages gain with JavaScript: search and filters, sorting, and where a figure came from on a click.
// Everything is there without it: lists by department, goal and topic, and a table with the cell of every figure.
"use strict";
document.documentElement.classList.add("script");
const root = document.body.dataset.root;

// ---- words, folded as pipelines/site/search.py folds them: width and kana make no difference

function folded(text) {
  const small = text.normalize("NFKC").toLowerCase();
  const kana = small.replace(/[\u30a1-\u30f6]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60));
  return kana.split(/\s+/).filter(Boolean).join(" ");
}

// ---- search and filters on the front page

function setUpSearch(form) {
  const cards = [...document.querySelectorAll(".card")];
  const groups = [...document.querySelectorAll(".group")];
  const result = document.querySelector(".result");
  let index = null;

  async function words() {
    index ??= fetch(`${root}site-assets/search.json`).then((answer) => answer.json());
    return index;
  }

  // "SDG 11" and "sdg11.2" mean a goal or target, not any text with an 11 in it.
  function terms(query, synonyms) {
    const goals = [];
    const rest = folded(query).replace(/\bsdgs?\s*:?\s*(\d{1,2}(?:\.[0-9a-d]{1,2})?)(?![\d.])/g, (_, goal) => {
      goals.push([`sdg:${goal};`]);
      return " ";
    });
    const whole = rest.trim();
    const known = synonyms.find((group) => group.includes(whole));
    if (known) return [...goals, known];
    const single = whole.split(" ").filter(Boolean);
    return [...goals, ...single.map((word) => synonyms.find((group) => group.includes(word)) ?? [word])];
  }

  // A short Latin word must begin a word; Japanese has no word ends to look at.
  function has(text, word) {
    return /^[\x20-\x7e]+$/.test(word) && !word.startsWith("sdg:") ? ` ${text}`.includes(` ${word}`) : text.includes(word);
  }

  async function show() {
    const query = form.q.value.trim();
    const asked = { department: form.department.value, goal: form.goal.value, topic: form.topic.value };
    const { synonyms, datasets } = query ? await words() : { synonyms: [], datasets: {} };
    const wanted = query ? terms(query, synonyms) : [];
    let count = 0;
    for (const card of cards) {
      const text = datasets[card.dataset.name] ?? "";
      const fits =
        wanted.every((group) => group.some((word) => has(text, word))) &&
        (!asked.department || card.dataset.department === asked.department) &&
        (!asked.goal || card.dataset.goals.split(" ").includes(asked.goal)) &&
        (!asked.topic || card.dataset.topics.split(" ").includes(asked.topic));
      card.hidden = !fits;
      count += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".card:not([hidden])");
    const isAsked = query || asked.department || asked.goal || asked.topic;
    result.textContent = !isAsked ? "" : count ? form.dataset.found.replace("{count}", count) : form.dataset.nothing;
    document.querySelector(".jump").hidden = Boolean(isAsked);
    remember({ q: query, ...asked });
  }

  // The address keeps what was asked, so that a search can be sent to somebody.
  function remember(asked) {
    const given = Object.entries(asked).filter(([, value]) => value);
    const address = given.length ? `?${new URLSearchParams(given)}` : location.pathname;
    history.replaceState(null, "", address + location.hash);
  }

  const asked = new URLSearchParams(location.search);
  for (const name of ["q", "department", "goal", "topic"]) form[name].value = asked.get(name) ?? "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  if ([...asked.values()].some(Boolean)) show();
}

// ---- a table that can be sorted

function setUpSorting(table) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = table.dataset.sort;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const isNumber = head.classList.contains("number");
      const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const sorted = [...body.rows].sort((a, b) => compared(value(a), value(b), isNumber, falls));
      body.append(...sorted);
    });
  });
}

// What has no value comes last in either direction.
function compared(a, b, isNumber, falls) {
  if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
  const order = isNumber ? a - b : a.localeCompare(b, document.documentElement.lang, { numeric: true });
  return falls ? -order : order;
}

// ---- where a figure came from

function setUpOrigins(table) {
  const cells = document.querySelector(".cells");
  const parts = [...document.querySelectorAll(".parts li")];
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "origin");
  document.body.append(dialog);
  [...table.tBodies[0].rows].forEach((row, number) => {
    [...row.cells].forEach((cell, column) => {
      const origin = cells.tBodies[0].rows[number].cells[column];
      if (!cell.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      button.setAttribute("aria-haspopup", "dialog");
      button.addEventListener("click", () => tell(button.textContent, origin));
      cell.replaceChildren(button);
    });
  });

  function tell(value, origin) {
    const words = table.dataset;
    const part = parts[Number(origin.dataset.part ?? 0)];
    const address = origin.lastChild?.textContent ?? "";
    const read = (name) => part?.querySelector(name)?.textContent ?? "";
    const rows = !part
      ? [[words.derived, address.split(" ").filter(Boolean).join("\n")]]
      : [
          [words.file, read(".part-file")],
          [words.sheet, read(".part-sheet")],
          [words.cell, address || words.constant],
          [words.sha, read(".part-sha")],
        ];
    const list = element("dl", "", rows.filter(([, text]) => text).flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
    const close = element("button", words.close);
    close.className = "button";
    close.addEventListener("click", () => dialog.close());
    const title = element("h2", words.title);
    title.id = "origin";
    const shown = element("p", value);
    shown.className = "value";
    dialog.replaceChildren(title, shown, list, close);
    dialog.showModal();
  }
}

function element(name, text, children = []) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

// ---- set up what the page has

for (const form of document.querySelectorAll("form.search")) setUpSearch(form);
for (const table of document.querySelectorAll("table.data")) {
  setUpSorting(table);
  setUpOrigins(table);
}
// Examples name the address that the page was read from.
if (location.protocol.startsWith("http")) {
  const base = new URL(root, location.href).href;
  for (const place of document.querySelectorAll(".base")) place.textContent = base;
}
