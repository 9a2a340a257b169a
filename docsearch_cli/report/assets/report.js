"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // What only a script can do is shown by the script.
  for (const tools of all("[data-needs-script]")) tools.hidden = false;

  // A link to a step opens it.
  const open = (hash) => {
    if (!hash.startsWith("#")) return;
    const target = document.getElementById(hash.slice(1));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      at.hidden = false;
      if (at.tagName === "DETAILS") at.open = true;
    }
    if (target.tagName === "DETAILS") target.querySelector("summary").focus({ preventScroll: true });
  };
  window.addEventListener("hashchange", () => open(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a");
    const hash = link && (link.getAttribute("href") || "");
    if (hash && hash.startsWith("#")) open(hash);
  });
  open(location.hash);

  // Filters: a list of items, a field of words that all must occur, a choice of kinds.
  for (const tools of all("[data-filters]")) {
    const list = document.getElementById(tools.dataset.filters);
    const items = all(tools.dataset.items, list);
    const field = tools.querySelector("input");
    const choice = tools.querySelector("select");
    const said = tools.querySelector("output");
    let texts = null;
    // Of a long list only the groups in view are laid out; of the others their height is estimated.
    const groups = items.map((item) => item.closest(".steps"));
    const apply = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kind = choice ? choice.value : "";
      if (words.length && !texts) texts = items.map((item) => item.textContent.toLowerCase());
      let shown = 0;
      const shownOf = new Map();
      items.forEach((item, place) => {
        const fits = (!kind || item.dataset.kind.split(" ").includes(kind))
          && words.every((word) => texts[place].includes(word));
        if (item.hidden === fits) item.hidden = !fits;
        shown += fits;
        if (groups[place]) shownOf.set(groups[place], (shownOf.get(groups[place]) || 0) + fits);
      });
      for (const [group, count] of shownOf) {
        group.style.setProperty("--shown", count);
        group.hidden = !count;
      }
      said.textContent = shown === items.length ? "" : `${shown} of ${items.length}`;
    };
    apply();
    let timer = 0;
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 60); });
    if (choice) choice.addEventListener("change", apply);
    tools.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
    for (const button of all("button[data-open]", tools)) {
      button.addEventListener("click", () => {
        for (const item of items) if (!item.hidden && item.tagName === "DETAILS") item.open = button.dataset.open === "yes";
      });
    }
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    const field = document.querySelector("[data-filters] input");
    if (field) { event.preventDefault(); field.focus(); }
  });

  // Trees: everything open or shut.
  for (const button of all("button[data-tree]")) {
    button.addEventListener("click", () => {
      for (const part of all("details", document.getElementById(button.dataset.tree))) part.open = button.value === "yes";
    });
  }

  // Tables that sort: by the number in data-value, else by the text.
  const valueOf = (row, place) => {
    const cell = row.cells[place];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  for (const table of all("table[data-sorts]")) {
    all("thead th", table).forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of all("thead th", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row, number) => [valueOf(row, place), number, row]);
        rows.sort(([a, m], [b, n]) => {
          const order = typeof a === "number" ? a - b : a.localeCompare(b);
          return (up ? order : -order) || m - n;
        });
        body.append(...rows.map(([, , row]) => row));
      });
    });
  }

  // On paper nothing can be opened: of a short report all of it is.
  const most = 60;
  let opened = [];
  window.addEventListener("beforeprint", () => {
    const shut = all("details:not([open])");
    opened = shut.length <= most * 4 && all(".step").length <= most ? shut : [];
    for (const part of opened) part.open = true;
  });
  window.addEventListener("afterprint", () => { for (const part of opened) part.open = false; });
})();
