// Tables of rows as a grid: a cell each, rows added and removed, and whole blocks pasted from Excel. The text that the server reads
// (a line for each row, cells parted by |) stays in the field below; without this script that field is what people see.
// A bar within a cell is written \| there, a backslash before one \\, and a line end within a cell shows as ⏎.
"use strict";

const written = (cell) => cell.trim().replace(/\\(?=[\\|]|$)/g, "\\\\").replaceAll("|", "\\|");

function parted(line) {
  if (line.includes("\t")) return line.split("\t").map((cell) => cell.trim());
  const cells = [""];
  for (let place = 0; place < line.length; place += 1) {
    const isEscape = line[place] === "\\" && ["\\", "|"].includes(line[place + 1]);
    if (isEscape) place += 1;
    if (line[place] === "|" && !isEscape) cells.push("");
    else cells[cells.length - 1] += line[place];
  }
  return cells.map((cell) => cell.trim());
}

function grid(area) {
  const columns = JSON.parse(area.dataset.columns);
  const words = area.dataset;
  // How wide a column is, the lengths of its example and its head say.
  const lengths = words.widths.trim().split(" ").map((each, place) => Math.min(40, Math.max(12, each, columns[place].length)));
  const whole = lengths.reduce((sum, each) => sum + each, 0);
  const box = document.createElement("div");
  box.className = "table-box rows-grid";
  const table = box.appendChild(document.createElement("table"));
  table.className = "stacked";
  table.setAttribute("aria-label", words.caption);
  const head = table.createTHead().insertRow();
  for (const label of [...columns, words.remove]) {
    const cell = head.appendChild(document.createElement("th"));
    cell.scope = "col";
    const isRemoval = head.cells.length > columns.length;
    if (!isRemoval) cell.style.width = `${(88 * lengths[head.cells.length - 1]) / whole}%`;
    const text = isRemoval ? cell.appendChild(document.createElement("span")) : cell;
    if (isRemoval) text.className = "visually-hidden";
    text.textContent = label;
  }
  const body = table.createTBody();
  const add = document.createElement("button");
  add.type = "button";
  add.className = "btn";
  add.textContent = words.add;

  const cells = (row) => [...row.querySelectorAll("input")];
  const keep = () => {
    const lines = [...body.rows].map((row) => cells(row).map((cell) => cell.value.trim()));
    area.value = lines.filter((line) => line.some(Boolean)).map((line) => line.map(written).join(" | ")).join("\n");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  function append(values) {
    const row = body.insertRow();
    columns.forEach((label, place) => {
      const input = row.insertCell().appendChild(document.createElement("input"));
      input.value = values[place] || "";
      input.placeholder = label;
      input.setAttribute("aria-label", `${label}, ${words.row} ${body.rows.length}`);
    });
    const remove = row.insertCell().appendChild(document.createElement("button"));
    remove.type = "button";
    remove.className = "btn";
    remove.insertAdjacentHTML("beforeend", '<svg class="icon" aria-hidden="true"><use href="/static/vendor/icons.svg#trash-2"></use></svg>');
    remove.setAttribute("aria-label", `${words.remove} ${body.rows.length}`);
    remove.addEventListener("click", () => {
      row.remove();
      if (!body.rows.length) append([]);
      keep();
    });
    return row;
  }

  function show() {
    body.replaceChildren();
    const lines = area.value.split("\n").filter((line) => line.trim());
    for (const line of lines) append(parted(line));
    if (!lines.length) append([]);
  }

  box.addEventListener("input", keep);
  box.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    if (!text.includes("\t") && !text.includes("\n")) return;
    event.preventDefault();
    let row = event.target.closest("tr");
    const first = cells(row).indexOf(event.target);
    for (const line of text.split("\n")) {
      row = row || append([]);
      line.split("\t").forEach((value, place) => {
        const cell = cells(row)[first + place];
        if (cell) cell.value = value.trim();
      });
      row = row.nextElementSibling;
    }
    keep();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    const row = event.target.closest("tr").nextElementSibling || append([]);
    cells(row)[0].focus();
  });
  add.addEventListener("click", () => cells(append([]))[0].focus());
  area.form.addEventListener("filled", show);
  show();
  area.hidden = true;
  area.previousElementSibling.textContent = words.hint;
  area.before(box, add);
}

document.querySelectorAll("textarea[data-columns]").forEach(grid);
