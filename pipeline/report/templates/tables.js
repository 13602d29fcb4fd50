const button = (cell, press) => {
  const made = document.createElement("button");
  made.type = "button";
  made.append(...cell.childNodes);
  made.addEventListener("click", press);
  cell.append(made);
  return made;
};

for (const table of document.querySelectorAll("table.sortable")) {
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => button(header, () => {
    const falls = header.getAttribute("aria-sort") !== "descending";
    const value = body => body.rows[0].cells[column].dataset.value;
    const compare = (one, other) => value(one) - value(other) || value(one).localeCompare(value(other));
    for (const other of headers) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const sorted = [...table.tBodies].sort((one, other) => (falls ? -1 : 1) * compare(one, other));
    table.append(...sorted);
  }));
  for (const body of table.tBodies) {
    const quotes = body.rows[1];
    if (!quotes) continue;
    const toggle = button(body.rows[0].cells[0].querySelector("bdi"), () => show(quotes.hidden));
    const show = open => {
      quotes.hidden = !open;
      toggle.setAttribute("aria-expanded", open);
    };
    show(false);
  }
}

const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  const toggle = target.tagName === "TBODY" && target.querySelector("button[aria-expanded=false]");
  if (toggle) toggle.click();
  target.scrollIntoView();
};
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.model, details.ratings")) part.open = true;
});
reveal();
