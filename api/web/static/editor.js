// Lays an editor over the text of a process: line numbers, what may stand where the cursor is, a click that leads to a problem's place.
// Without it the page works as a plain form.
"use strict";

(() => {
  const area = document.getElementById("text");
  if (!area || !window.CodeMirror) return;
  const schema = JSON.parse(area.dataset.schema);
  const guards = JSON.parse(area.dataset.guards);

  function suggest(editor) {
    const cursor = editor.getCursor();
    const begun = /[a-z_]*$/.exec(editor.getLine(cursor.line).slice(0, cursor.ch))[0];
    return {
      list: window.thidua.suggestionsAt(editor.getValue().split("\n"), cursor.line, cursor.ch, schema, guards),
      from: { line: cursor.line, ch: cursor.ch - begun.length },
      to: cursor,
    };
  }

  const editor = window.CodeMirror.fromTextArea(area, {
    mode: "yaml",
    lineNumbers: true,
    lineWrapping: true,
    indentUnit: 2,
    viewportMargin: 60,
    inputStyle: "contenteditable",
    extraKeys: {
      "Ctrl-Space": (each) => each.showHint({ hint: suggest, completeSingle: false }),
      // The keyboard's way out of the text: Tab moves on, as everywhere on the page.
      Tab: false,
      "Shift-Tab": false,
    },
  });
  const field = editor.getInputField();
  field.setAttribute("aria-label", area.labels[0].textContent);

  for (const link of document.querySelectorAll("[data-line]")) {
    const line = Number(link.dataset.line) - 1;
    editor.addLineClass(line, "background", "problem-line");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      editor.focus();
      editor.setCursor({ line, ch: Number(link.dataset.column) - 1 });
      editor.scrollIntoView(null, 120);
    });
  }
})();
