// Lights the lineage of a node and shows its row; without this script the drawing's links lead to the tables.
"use strict";
(() => {
  const inspector = document.getElementById("inspector");

  function reach(start, steps) {
    const found = new Set([start]);
    const waiting = [start];
    while (waiting.length) {
      for (const next of steps.get(waiting.pop()) || []) {
        if (!found.has(next)) { found.add(next); waiting.push(next); }
      }
    }
    return found;
  }

  function add(map, key, value) {
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(value);
  }

  function centre(card) {
    const box = card.querySelector("rect");
    return [box.x.baseVal.value, box.y.baseVal.value];
  }

  function neighbour(cards, card, key) {
    const [x, y] = centre(card);
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    let best = null, nearest = Infinity;
    for (const other of cards) {
      const [ox, oy] = centre(other);
      const along = (ox - x) * dx + (oy - y) * dy;
      const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (along > 0 && along + 2 * across < nearest) { nearest = along + 2 * across; best = other; }
    }
    return best;
  }

  function inspect(card, svg) {
    const row = document.getElementById("node-" + card.dataset.key);
    if (!row) return;
    svg.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen"));
    card.classList.add("chosen");
    inspector.replaceChildren();
    for (const cell of row.cells || [row]) {
      const part = document.createElement("div");
      for (const child of cell.childNodes) part.append(child.cloneNode(true));
      inspector.append(part);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => { inspector.hidden = true; card.classList.remove("chosen"); card.focus(); });
    inspector.append(close);
    inspector.hidden = false;
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function enliven(svg) {
    const cards = [...svg.querySelectorAll(".card")];
    const wires = [...svg.querySelectorAll(".wires path")];
    const fed = new Map(), feeds = new Map();
    for (const wire of wires) {
      add(fed, wire.dataset.head, wire.dataset.tail);
      add(feeds, wire.dataset.tail, wire.dataset.head);
    }
    function light(card) {
      const before = reach(card.dataset.key, fed), after = reach(card.dataset.key, feeds);
      svg.classList.add("pointing");
      for (const other of cards) {
        other.classList.toggle("lit", before.has(other.dataset.key) || after.has(other.dataset.key));
      }
      for (const wire of wires) {
        const { tail, head } = wire.dataset;
        wire.classList.toggle("lit", (before.has(tail) && before.has(head)) || (after.has(tail) && after.has(head)));
      }
    }
    function dim() { svg.classList.remove("pointing"); }
    cards.forEach((card, i) => {
      card.setAttribute("tabindex", i === 0 ? "0" : "-1");
      card.addEventListener("mouseenter", () => light(card));
      card.addEventListener("mouseleave", dim);
      card.addEventListener("focus", () => {
        cards.forEach((other) => other.setAttribute("tabindex", other === card ? "0" : "-1"));
        light(card);
      });
      card.addEventListener("blur", dim);
      card.addEventListener("click", (event) => { event.preventDefault(); inspect(card, svg); });
      card.addEventListener("keydown", (event) => {
        if (event.key === "Escape") { inspector.hidden = true; return; }
        if (!event.key.startsWith("Arrow")) return;
        event.preventDefault();
        const next = neighbour(cards, card, event.key);
        if (next) next.focus();
      });
    });
  }

  document.querySelectorAll("svg.lineage").forEach(enliven);

  const find = document.getElementById("find");
  find.hidden = false;
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("[data-node]")) {
      row.hidden = !row.dataset.node.toLowerCase().includes(wanted);
    }
    for (const chapter of document.querySelectorAll("#nodes ~ details")) {
      chapter.hidden = !chapter.querySelector("[data-node]:not([hidden])");
    }
  });
})();
