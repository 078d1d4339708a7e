// What may stand at a place of a process's text: keys, values and names, by the language's JSON Schema.
// Pure: it takes lines and a place and returns words; the editor shows them.
"use strict";

window.thidua = (() => {
  const KEY = /^([a-z_]+)\s*:/;
  const NAMED = {
    initial: ["states"], to: ["states"], from: ["states"], through: ["states"], then: ["states"],
    take: ["transitions"], approve: ["transitions"], reject: ["transitions"], do: ["transitions"],
    never_the_author: ["transitions"], different_people: ["transitions"],
    editable_fields: ["fields"], unless: ["fields"], group: ["groups"],
  };

  // A line's dash and key: "  - id: a" has its dash at 2 and its key at 4.
  function parsed(line) {
    const [, spaces, dashes] = /^(\s*)((?:-\s+)*)/.exec(line);
    const column = spaces.length + dashes.length;
    const rest = line.slice(column);
    const key = KEY.exec(rest);
    return { column, dash: dashes ? spaces.length : null, key: key && key[1], rest, isEmpty: !rest.trim() || rest.startsWith("#") };
  }

  // The keys above a line, outermost first.
  function blockPath(lines, at, column, dash) {
    const path = [];
    let [limit, orEqual] = dash === null ? [column, false] : [dash, true];
    for (let line = at - 1; line >= 0 && (limit > 0 || orEqual); line -= 1) {
      const each = parsed(lines[line]);
      if (each.isEmpty) continue;
      const isParent = each.key && (each.column < limit || (orEqual && each.column === limit && each.dash === null));
      if (isParent) {
        path.unshift(each.key);
        [limit, orEqual] = each.dash === null ? [each.column, false] : [each.dash, true];
      } else if (each.dash !== null && each.dash < limit && each.column >= limit) {
        [limit, orEqual] = [each.dash, true];
      }
    }
    return path;
  }

  // What is open on the line itself: {id: a, label: {vi: … gives the keys whose braces have not closed, and the key being valued.
  function inline(text) {
    const open = [];
    let key = null;
    let word = "";
    let quote = null;
    for (const each of text) {
      if (quote) quote = each === quote ? null : quote;
      else if (each === '"' || each === "'") quote = each;
      else if (each === ":") [key, word] = [word.trim(), ""];
      else if (each === "{" || each === "[") {
        open.push({ key, bracket: each });
        [key, word] = [null, ""];
      } else if (each === "}" || each === "]") {
        open.pop();
        [key, word] = [null, ""];
      } else if (each === ",") {
        word = "";
        if (!open.length || open[open.length - 1].bracket === "{") key = null;
      } else word += each;
    }
    return { open, key };
  }

  function resolved(schema, node) {
    if (!node) return [];
    if (node.$ref) return resolved(schema, schema.$defs[node.$ref.split("/").pop()]);
    if (node.anyOf || node.oneOf) return (node.anyOf || node.oneOf).flatMap((each) => resolved(schema, each));
    if (node.items || node.prefixItems) return resolved(schema, node.items || node.prefixItems[0]);
    return [node];
  }

  function descend(schema, path) {
    return path.reduce((nodes, key) => nodes.flatMap((each) => resolved(schema, each.properties && each.properties[key])), [schema]);
  }

  function valuesOf(nodes) {
    return nodes.flatMap((each) => each.enum || (each.const ? [each.const] : each.type === "boolean" ? ["true", "false"] : []));
  }

  function idsUnder(lines, section) {
    const found = [];
    let isInside = false;
    for (const line of lines) {
      if (/^\S/.test(line)) isInside = line.startsWith(`${section}:`);
      const id = isInside && /^\s{0,4}-\s+\{?\s*id:\s*([a-z][a-z0-9_]*)/.exec(line);
      if (id) found.push(id[1]);
    }
    return [...new Set(found)];
  }

  function suggestionsAt(lines, line, ch, schema, guards) {
    const before = lines[line].slice(0, ch);
    const begun = /[a-z_]*$/.exec(before)[0];
    const here = parsed(before);
    const { open, key } = inline(before.slice(here.column, before.length - begun.length));
    const path = blockPath(lines, line, here.column, here.dash);
    for (const each of open) if (each.key) path.push(each.key);
    const valued = key || (open.length && open[open.length - 1].bracket === "[" ? open[open.length - 1].key : null);
    const owner = !valued && here.dash !== null && !open.length && path.length ? path[path.length - 1] : valued;
    const nodes = descend(schema, valued && key ? [...path, key] : path);
    const names = NAMED[owner] ? idsUnder(lines, NAMED[owner][0]) : [];
    const values = owner === "name" && path.includes("guards") ? guards : valuesOf(nodes);
    if (valued || names.length) return offered([...names, ...values], begun);
    const present = new Set(open.length ? [...before.matchAll(/([a-z_]+)\s*:/g)].map((each) => each[1]) : []);
    return offered(nodes.flatMap((each) => Object.keys(each.properties || {})).filter((each) => !present.has(each)).concat(values), begun);
  }

  function offered(words, begun) {
    return [...new Set(words)].filter((word) => word.startsWith(begun) && word !== begun);
  }

  return { suggestionsAt };
})();
