// A second verifier, written from FORMAT.md alone: node verify_history.mjs < one line a job, as JSON
// {"folder", "outside": [file]}; it answers each with {"status", "place"}: 0 follows, 1 tampered, 2 incomplete.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

class Bad extends Error {
  constructor(status, place) {
    super(place);
    this.status = status;
    this.place = place;
  }
}
const tampered = (place) => { throw new Bad(1, place); };
const incomplete = (place) => { throw new Bad(2, place); };
const sha = (...parts) => parts.reduce((h, each) => h.update(each), createHash("sha256")).digest();
const hex = (text) => Buffer.from(text, "hex");

const ROWS = {
  "entries.jsonl": { subject: "s", seq: "n", prev: "s", hash: "s", body: "s" },
  "log.jsonl": { position: "n", hash: "s" },
  "items.jsonl": { code: "s", state: "s", version: "n", step: "n", content_hash: "s", seq: "n", head: "s" },
  "people.jsonl": { id: "n", email: "s", name: "s" },
  "salts.jsonl": { subject: "s", seq: "n", name: "s", salt: "s", text: "s" },
};
const TYPES = {
  item: "created edited transition signed_off undone migrated holders_changed recused reassigned due_changed opinion_asked opinion_given commented escalated holders_urged award_withdrawn nominee_decided gathered signed_copy_added issue_amended arrived link_revoked text_erased",
  deadline: "deadline_set deadline_changed reminded extension_asked extension_granted extension_refused reminders_snoozed",
  person: "person_added person_changed delegation_added delegation_ended absence_added absence_ended factor_set factor_removed factors_resealed change_undone person_erased token_made token_ended feed_made feed_ended",
  department: "department_added department_renamed",
  merit: "merit_recorded merit_noted merit_nominated merit_erased",
  proposal: "proposal_made proposal_confirmed proposal_rejected",
  request: "request_received request_answered request_erased",
  hold: "hold_placed hold_lifted",
  finding: "finding_opened finding_noted finding_closed",
  proceeding: "proceeding_opened proceeding_closed proceeding_corrected proceeding_erased",
  past_award: "past_award_imported past_award_withdrawn past_award_erased",
  inspection: "inspection_planned inspection_recorded inspection_ended",
  document: "document_registered",
  definition: "definition_published",
  campaign: "campaign_launched campaign_read",
  round: "round_set box_key_taken vote_opened vote_cast vote_counted vote_recounted count_challenged challenge_answered round_closed round_cancelled",
  agency: "genesis checkpoint_key_added proposal_rules_set agency_changed calendar_set privacy_rules_set retention_applied",
};
const SUBJECT_OF = new Map(Object.entries(TYPES).flatMap(([kind, names]) => names.split(" ").map((each) => [each, kind])));
const MEMBERS = {
  v: "n", subject: "s", seq: "n", type: "s", at: "s", actor: "n?", on_behalf_of: "n?", position: "s?", via: "s",
  method: "s", transition: "s?", from: "s?", to: "s?", version: "n?", step: "n?", decided_version: "n?",
  content_hash: "s?", definition_hash: "s?", command_id: "s", data: "o", commitments: "o",
};
const VIA = new Set("page api link clock bulk import cli".split(" "));
const METHODS = new Set("session token link pin totp passkey none".split(" "));
const FACTORS = new Set(["pin", "totp", "passkey"]);
const OFFICE = new Set(["chief", "officer"]);
const ERASES = new Set("text_erased merit_erased request_erased proceeding_erased past_award_erased person_erased".split(" "));
const CHANGES = new Set("created transition edited migrated signed_off undone".split(" "));

// Text is compared as it is written: an own reader, for JSON.parse loses what was 1.0 or stood twice.
function written(value, sorted) {
  if (Array.isArray(value)) return `[${value.map((each) => written(each, sorted)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value);
    if (sorted) keys.sort((a, b) => (a < b ? -1 : 1)); // ASCII alone, so units are code points
    return `{${keys.map((key) => `${quoted(key)}:${written(value[key], sorted)}`).join(",")}}`;
  }
  return typeof value === "string" ? quoted(value) : JSON.stringify(value);
}
// A text in UTF-8 has no half surrogates: one that is written as an escape is not as it is to be.
const quoted = (text) => (text.isWellFormed() ? JSON.stringify(text) : "");
const isWhole = (value) =>
  typeof value === "number" ? Number.isSafeInteger(value)
  : value !== null && typeof value === "object" ? Object.values(value).every(isWhole) : true;
const keysOf = (value) =>
  value !== null && typeof value === "object"
    ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysOf)] : [];
const kindOf = (value) =>
  value === null ? "0" : typeof value === "number" ? "n" : typeof value === "string" ? "s"
  : typeof value === "object" && !Array.isArray(value) ? "o" : "x";
const isObject = (value) => kindOf(value) === "o";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function* rows(folder, file) {
  const path = join(folder, file);
  if (!existsSync(path)) incomplete(file);
  const bytes = readFileSync(path);
  const form = Object.entries(ROWS[file]);
  for (let start = 0, number = 1; start < bytes.length; number += 1) {
    let end = bytes.indexOf(10, start);
    if (end < 0) end = bytes.length;
    let text, line;
    try {
      text = UTF8.decode(bytes.subarray(start, end + 1));
      line = JSON.parse(text);
    } catch {
      tampered(`${file} line ${number}`);
    }
    if (!isObject(line)) tampered(`${file} line ${number}`);
    const members = Object.entries(line);
    const fits = members.length === form.length
      && members.every(([key, value], place) => key === form[place][0] && kindOf(value) === form[place][1]);
    if (!fits || written(line, false) + "\n" !== text) tampered(`${file} line ${number}`);
    yield line;
    start = end + 1;
  }
}

function bodyOf(line, place) {
  let body;
  try {
    body = JSON.parse(line.body);
  } catch {
    tampered(place);
  }
  if (!isObject(body) || !isWhole(body) || written(body, true) !== line.body) tampered(place);
  if (line.body.normalize("NFC") !== line.body || keysOf(body).some((key) => /[^\x00-\x7f]/.test(key))) tampered(place);
  if (Object.keys(body).sort().join() !== Object.keys(MEMBERS).sort().join() || body.v !== 1) tampered(place);
  for (const [name, form] of Object.entries(MEMBERS)) {
    const kind = kindOf(body[name]);
    if (kind !== form[0] && !(kind === "0" && form[1] === "?")) tampered(place);
  }
  if (SUBJECT_OF.get(body.type) !== body.subject.split(":")[0]) tampered(place);
  if (!VIA.has(body.via) || !METHODS.has(body.method)) tampered(place);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(body.at)) tampered(place);
  const moment = new Date(`${body.at.slice(0, 23)}Z`);
  if (Number.isNaN(+moment) || moment.toISOString() !== `${body.at.slice(0, 23)}Z` || body.at < "0001") tampered(place);
  if (body.actor === null && (body.method !== ("recipient" in body.data ? "link" : "none")
    || ("recipient" in body.data && body.via !== "link"))) tampered(place);
  return body;
}

const micros = (at) => BigInt(+new Date(`${at.slice(0, 23)}Z`)) * 1000n + BigInt(at.slice(23, 26));
const dayBeside = (at, days) => new Date(+new Date(`${at.slice(0, 10)}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);

class History {
  constructor(definitions) {
    this.texts = definitions;
    this.rules = new Map();
    this.published = new Set();
    this.carrying = new Set();
    this.carried = new Map();
    this.people = new Map();
    this.subjects = new Map();
    this.keys = [];
    this.relaxed = [];
    this.unsaid = null; // of each entry, the names of commitments without a text; null: no texts are given
    this.commands = new Map();
    this.doubled = null;
    this.files = new Map();
    this.numbers = new Set();
  }

  add(line) {
    const place = `${line.subject} entry ${line.seq}`;
    const body = bodyOf(line, place);
    if (body.subject !== line.subject || body.seq !== line.seq) tampered(place);
    let subject = this.subjects.get(line.subject);
    if (!subject) {
      subject = { seq: 0, head: "00".repeat(32), at: "", moves: [], recused: [], concerned: [], answers: new Map(), taken: [], visited: new Set() };
      this.subjects.set(line.subject, subject);
    }
    if (line.seq !== subject.seq + 1 || line.prev !== subject.head) tampered(place);
    if (sha(Buffer.from([2]), hex(subject.head), line.body).toString("hex") !== line.hash) tampered(place);
    if (body.at < subject.at) tampered(place);
    try {
      this.actor(body, place);
      if (line.subject.startsWith("item:")) this.item(body, subject, place);
      else this.fold(body, place);
      this.number(body.data, place);
      if (ERASES.has(body.type)) this.erase(body, place);
    } catch (error) {
      if (error instanceof Bad) throw error;
      tampered(place);
    }
    Object.assign(subject, { seq: line.seq, head: line.hash, at: body.at });
    return body;
  }

  number(data, place) {
    const sent = truthy(data.registered) ? data.registered : data.dispatch;
    if (!truthy(sent) || truthy(data.carried_by)) return;
    if (!("number" in sent)) tampered(place);
    const given = `${sent.number} of ${sent.issued_on.slice(0, 4)}`;
    if (this.numbers.has(given)) tampered(place);
    this.numbers.add(given);
  }

  standings(id, at) {
    const person = this.people.get(id);
    if (!person) return [];
    const { now, before } = person;
    return before && micros(at) - micros(now.since) <= 60000000n ? [now, before] : [now];
  }

  actor(body, place) {
    if (body.actor === null) return;
    const command = `${body.actor} ${body.command_id}`;
    if (this.commands.has(command)) this.doubled ??= place;
    this.commands.set(command, place);
    const active = this.standings(body.actor, body.at).filter((each) => each.active);
    if (!active.length) tampered(place);
    if (body.step !== null && body.position !== null && !active.some((each) => each.position === body.position)) tampered(place);
  }

  fold(body, place) {
    const { data, type } = body;
    const id = /^person:\d+$/.test(body.subject) ? Number(body.subject.slice(7)) : null;
    if (body.subject.startsWith("person:")) {
      const person = this.people.get(id);
      if (id === null || !person !== (type === "person_added")) tampered(place);
      const has = (...names) => names.every((each) => each in data) || tampered(place);
      if (type === "delegation_added" && has("delegation", "to_person", "starts_on", "ends_on", "kinds"))
        person.standIns.set(`d${data.delegation}`, { who: data.to_person, starts: data.starts_on, ends: data.ends_on, kinds: data.kinds });
      else if (type === "absence_added" && has("absence", "stand_in", "starts_on", "ends_on"))
        person.standIns.set(`a${data.absence}`, { who: data.stand_in, starts: data.starts_on, ends: data.ends_on, kinds: [] });
      else if (type === "delegation_ended" && has("delegation", "ends_on")) person.standIns.get(`d${data.delegation}`).ends = data.ends_on;
      else if (type === "absence_ended" && has("absence", "ends_on")) person.standIns.get(`a${data.absence}`).ends = data.ends_on;
      else if (type === "person_erased") {
        if (person.now.active) tampered(place);
        person.texts = new Map([["name", `#${id}`], ["email", `person-${id}@erased.invalid`]]);
      } else if (/^person_(added|changed)$/.test(type) && has("department", "is_active")) {
        const now = { position: body.position, department: data.department, active: data.is_active, since: body.at };
        if (person) Object.assign(person, { before: person.now, now: { ...now, position: now.position || person.now.position } });
        else this.people.set(id, { now, before: null, standIns: new Map(), texts: new Map() });
      }
    } else if (type === "definition_published") {
      const { definition } = this.rulesOf(body);
      if (body.subject !== `definition:${definition.id}` || !("version" in data) || data.version !== definition.version) tampered(place);
      this.published.add(body.definition_hash);
    } else if (type === "proposal_rules_set") {
      if (!("relaxed" in data)) tampered(place);
      this.relaxed = data.relaxed;
    } else if (type === "checkpoint_key_added") {
      if (!("key" in data)) tampered(place);
      this.keys.push(data.key);
    }
  }

  erase(body, place) {
    const { data, actor, via } = body;
    const alone = data.proposed_by === undefined || data.proposed_by === null || data.proposed_by === actor;
    if (alone && via !== "cli" && !this.relaxed.includes("erasures")) tampered(place);
    if (!Array.isArray(data.texts)) tampered(place);
    for (const [seq, name] of this.unsaid ? data.texts : []) if (!this.unsaid.get(`${body.subject} entry ${seq}`)?.delete(name)) tampered(place);
  }

  rulesOf(body) {
    const key = body.definition_hash;
    if (!this.rules.has(key)) {
      if (!this.texts.has(key)) incomplete(`${body.subject} entry ${body.seq}`);
      const definition = JSON.parse(this.texts.get(key));
      this.rules.set(key, { definition, states: new Map(definition.states.map((each) => [each.id, each])) });
    }
    return this.rules.get(key);
  }

  item(body, item, place) {
    const rules = this.rulesOf(body);
    const { type, data } = body;
    if (!this.published.has(body.definition_hash)) tampered(place);
    if (type === "created") this.create(body, item, rules, place);
    else this.start(body, item, place);
    if (type === "transition" || type === "signed_off") this.decide(body, item, rules, place);
    if (type === "edited") this.edit(body, item, rules, place);
    if (type === "undone") this.undo(body, item, rules, place);
    if (type === "reassigned") this.reassign(body, item, rules, place);
    if (type === "gathered") {
      if (!("into" in data)) tampered(place);
      item.into = data.into;
    }
    if (type === "recused") item.recused.push(body.actor);
    if (type === "migrated") item.recused.push(...(data.kept_apart ?? []));
    if (type === "created" || type === "edited") item.concerned = data.concerned ?? item.concerned;
    for (const each of data.files || []) {
      const key = `${body.subject} ${each}`;
      if (type === "text_erased") this.files.delete(key);
      else if (!this.files.has(key)) this.files.set(key, place);
    }
    if (CHANGES.has(type)) {
      if (item.step !== body.step) item.moves = [];
      if (type !== "signed_off") item.answers = new Map();
      if (type === "migrated") item.migrated = true;
      item.visited.add(body.to);
      item.last = body;
      Object.assign(item, { state: body.to, version: body.version, step: body.step, content: body.content_hash, definition: body.definition_hash });
    }
    for (const [person, behalf] of data.holders || []) if (!this.mayHold(body, item, rules, person, behalf)) tampered(place);
  }

  create(body, item, rules, place) {
    const { data } = body;
    if (item.seq || body.version !== 1 || body.step !== 1 || body.from !== null || body.decided_version !== null) tampered(place);
    if (body.to !== rules.definition.initial || data.holders.length !== 1 || data.holders[0].length !== 2) tampered(place);
    if (!("department" in data) || data.holders[0][0] !== body.actor || data.holders[0][1] !== null) tampered(place);
    item.author = body.actor;
    item.department = data.department;
  }

  start(body, item, place) {
    const { type } = body;
    if (body.from !== (item.state ?? null)) tampered(place);
    if ((type === "migrated" ? body.data.from_definition : body.definition_hash) !== item.definition) tampered(place);
    if (CHANGES.has(type) ? body.decided_version !== item.version || body.version !== item.version + 1
      : body.decided_version !== null || body.version !== item.version) tampered(place);
    if (type !== "edited" && body.content_hash !== item.content) tampered(place);
    if (type === "transition" || type === "undone") {
      if (body.step !== item.step + 1) tampered(place);
    } else if (type !== "edited" && (body.to !== item.state || body.step !== item.step)) tampered(place);
  }

  decide(body, item, rules, place) {
    const { transition, actor, on_behalf_of: behalf, type } = body;
    const signOff = rules.states.get(body.from).sign_off;
    const isAnswer = Boolean(signOff) && [signOff.approve, signOff.reject].includes(transition);
    if (type === "signed_off" && !isAnswer) tampered(place);
    const ways = rules.definition.transitions.filter((each) => each.id === transition && each.from.includes(body.from)
      && (type === "signed_off" || each.to.includes(body.to)));
    if (!ways.some((each) => this.allows(each, body, item, rules))) tampered(place);
    const number = (body.data.dispatch || {}).number ?? null;
    if (number
      || (type === "transition" && rules.definition.transitions.some((each) => each.id === transition && each.carries)))
      this.carrying.add(JSON.stringify([body.subject, actor, body.command_id, number]));
    if (truthy(body.data.carried_by)) {
      const own = `:${body.subject.slice(5)}`;
      const command = body.command_id.endsWith(own) ? body.command_id.slice(0, -own.length) : body.command_id;
      this.carried.set(JSON.stringify([`item:${body.data.carried_by}`, actor, command, number]), place);
    }
    const { never_the_author: never = [], passages = [], different_people: pairs = [] } = rules.definition.guarantees || {};
    if (never.includes(transition) && actor === item.author) tampered(place);
    if (!item.migrated && passages.some((each) => each.to === body.to && !each.through.every((state) => item.visited.has(state)))) tampered(place);
    if (actor === null) return;
    const seat = behalf ?? actor;
    const apart = pairs.filter((each) => each.includes(transition)).flatMap((each) => (each[0] === transition ? [each[1]] : [each[0]]));
    const mine = item.taken.filter((each) => each.actor === actor);
    if (mine.some((each) => apart.includes(each.transition))) tampered(place);
    if (seat !== actor && mine.some((each) => each.seat !== seat)) tampered(place);
    if (isAnswer) this.answer(body, item, signOff, seat, place);
    item.taken.push({ seq: body.seq, transition, actor, seat });
  }

  allows(move, body, item, rules) {
    const { actor, on_behalf_of: behalf, method, via } = body;
    const by = "recipient" in body.data && move.by_recipient ? "clock" : move.by || "holder";
    const guards = (move.guards || []).map((each) => each.name);
    if ((by === "clock") !== (actor === null)) return false;
    if (by === "author" && (behalf !== null || !this.standsForAuthor(body, item, rules))) return false;
    if (by === "holder" && !this.mayHold(body, item, rules, actor, behalf)) return false;
    if (move.second_factor && !FACTORS.has(method)) return false;
    if (via === "link" && !move.by_email) return false;
    if (move.comment === "required" && !("comment" in body.commitments)) return false;
    if (move.numbered && !truthy(body.data.dispatch)) return false;
    if (guards.includes("travels_alone") && (body.data.carried_by ?? null) !== (item.into ?? null)) return false;
    if (guards.includes("not_the_author") && actor === item.author) return false;
    return !(guards.includes("another_department") && actor !== null
      && this.standings(actor, body.at).every((each) => each.department === item.department));
  }

  answer(body, item, signOff, seat, place) {
    const { data } = body;
    const answers = new Map(item.answers).set(seat, body.transition);
    const said = new Map(data.answers);
    if (data.seat !== seat || said.size !== answers.size || [...answers].some(([who, what]) => said.get(who) !== what)) tampered(place);
    if (typeof data.members !== "number") tampered(place);
    item.answers = answers;
    const approving = [...answers.values()].filter((each) => each === signOff.approve).length;
    const rejecting = answers.size - approving;
    const approved = suffices(signOff.approvals, approving, data.members);
    const open = suffices(signOff.approvals, data.members - rejecting, data.members);
    const rejected = open === false || (signOff.rejections ? suffices(signOff.rejections, rejecting, data.members) : false);
    const settled = body.transition === signOff.approve ? approved : open === null && rejected === false ? null : rejected;
    if (settled !== null && settled !== (body.type === "transition")) tampered(place);
  }

  mayHold(body, item, rules, person, behalf) {
    const state = rules.states.get(item.state);
    if (state.held_by_author) return person === item.author && behalf === null;
    const barred = [item.author, ...item.recused, ...item.concerned];
    if (person === null || barred.includes(person) || (behalf !== null && barred.includes(behalf))) return false;
    if (behalf === null) return item.moves.includes(person) || this.found(body, item, state, person);
    if (!this.found(body, item, state, behalf)) return false;
    return [...this.people.get(behalf).standIns.values()].some((each) => each.who === person
      && each.starts <= dayBeside(body.at, 1) && each.ends >= dayBeside(body.at, -1)
      && (!each.kinds.length || each.kinds.includes(rules.definition.id)));
  }

  standsForAuthor(body, item, rules) {
    const { actor } = body;
    const state = rules.states.get(body.from);
    return actor === item.author || Boolean(state.held_by_author && (state.holders || []).length
      && ![...item.recused, ...item.concerned].includes(actor) && this.found(body, item, state, actor));
  }

  found(body, item, state, id) {
    return this.standings(id, body.at).some((each) => each.active && (state.holders || []).some((rule) =>
      rule.positions.includes(each.position) && (rule.within !== "department" || each.department === item.department)
      && (!(rule.departments || []).length || rule.departments.includes(item.department))
      && !(rule.except_departments || []).includes(item.department)));
  }

  edit(body, item, rules, place) {
    const state = rules.states.get(body.from);
    if (!this.standsForAuthor(body, item, rules) || !state.editable) tampered(place);
    if (body.to === body.from && body.step === item.step) return;
    if (body.step !== item.step + 1 || body.to !== state.edit_voids?.to) tampered(place);
  }

  undo(body, item, rules, place) {
    const { last } = item;
    if (last.type !== "transition" || body.data.undoes !== last.seq || body.to !== last.from || body.transition !== last.transition) tampered(place);
    const moves = rules.definition.transitions.filter((each) => each.id === last.transition && each.from.includes(last.from));
    if (!moves.some((each) => each.undo) || micros(body.at) - micros(last.at) > 660000000n) tampered(place);
    if (body.actor !== last.actor && !OFFICE.has(body.position)) tampered(place);
    item.taken = item.taken.filter((each) => each.seq !== last.seq);
  }

  reassign(body, item, rules, place) {
    const named = (rules.states.get(item.state).holders || []).flatMap((rule) => rule.positions);
    const standings = this.standings(body.data.to, body.at);
    if (!OFFICE.has(body.position) || !standings.some((each) => each.active && named.includes(each.position))) tampered(place);
    item.moves.push(body.data.to);
  }
}

const truthy = (value) => (isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) ? value.length > 0 : Boolean(value));

function suffices(share, saying, members) {
  if (share === "any") return saying > 0;
  if (share === "all") return saying > 0 && saying >= members;
  if (!isObject(share) || share.of_each_group) return null;
  return share.count ? saying >= share.count : saying > 0 && saying * 100 >= share.percent * members;
}

class Tree {
  constructor() {
    this.size = 0;
    this.peaks = [];
  }
  add(data) {
    let found = sha(Buffer.from([0]), data);
    let level = 0;
    for (; this.peaks.length && this.peaks.at(-1).level === level; level += 1) found = sha(Buffer.from([1]), this.peaks.pop().hash, found);
    this.peaks.push({ level, hash: found });
    this.size += 1;
  }
  root() {
    return this.peaks.map((each) => each.hash).reduceRight((right, left) => sha(Buffer.from([1]), left, right));
  }
}

const LINES = String.raw`(thidua/[^\s+]+)\n(0|[1-9]\d{0,17})\n([A-Za-z0-9+/]{43}=)`;
function ownCheckpoints(folder) {
  const inside = join(folder, "checkpoints");
  return (existsSync(inside) ? readdirSync(inside).sort() : []).map((file) => {
    const name = `checkpoints/${file}`;
    const text = readFileSync(join(inside, file)).toString("utf8");
    const note = new RegExp(`^${LINES}\\n\\n((?:\u2014 [^\\s+]+ [A-Za-z0-9+/]{8,}={0,2}\\n)+)$`).exec(text);
    if (!note || Buffer.from(note[3], "base64").toString("base64") !== note[3] || file !== `${note[2].padStart(12, "0")}.txt`) tampered(name);
    const keys = note[4].split("\n").slice(0, -1).map((each) => each.split(" ")).filter(([, who]) => who === note[1]).map(([, who, by]) => `${who}+${Buffer.from(by, "base64").subarray(0, 4).toString("hex")}`);
    return { name, origin: note[1], size: Number(note[2]), root: note[3], keys };
  });
}
function outsideCheckpoints(path) {
  const text = readFileSync(path).toString("utf8").replace(/\r\n/g, "\n").replace(/^> ?/gm, "");
  return [...text.matchAll(new RegExp(`^${LINES}$`, "gm"))].map((note) => ({ name: path.split("/").at(-1), origin: note[1], size: Number(note[2]), root: note[3] }));
}

function verify(folder, outside) {
  const inside = join(folder, "definitions");
  if (!existsSync(inside)) incomplete("definitions");
  const definitions = new Map(readdirSync(inside).sort().map((file) => {
    const bytes = readFileSync(join(inside, file));
    if (`${sha(bytes).toString("hex")}.json` !== file) tampered(`definitions/${file}`);
    return [file.slice(0, -5), bytes.toString("utf8")];
  }));
  const own = ownCheckpoints(folder);
  const wanted = [...own, ...outside.flatMap(outsideCheckpoints)];
  const history = new History(definitions);
  const tree = new Tree();
  if (existsSync(join(folder, "salts.jsonl"))) history.unsaid = new Map();
  const texts = history.unsaid ? rows(folder, "salts.jsonl") : [][Symbol.iterator]();
  let text = texts.next().value;
  const log = rows(folder, "log.jsonl");
  let number = 0;
  if (new Set(wanted.map((each) => each.origin)).size > 1) tampered("checkpoints");
  for (const line of rows(folder, "entries.jsonl")) {
    const place = log.next().value;
    const name = `${line.subject} entry ${line.seq}`;
    if (place && (place.position !== number || place.hash !== line.hash)) tampered(name);
    number += 1;
    const body = history.add(line);
    for (; text && text.subject === line.subject && text.seq === line.seq; text = texts.next().value) {
      if (!(text.name in body.commitments) || !/^[0-9a-f]{64}$/.test(text.salt)) tampered(name);
      if (sha(hex(text.salt), text.text).toString("hex") !== body.commitments[text.name]) tampered(name);
      delete body.commitments[text.name];
      if (/^person_(added|changed)$/.test(body.type)) history.people.get(Number(text.subject.slice(7))).texts.set(text.name, text.text);
    }
    const without = Object.keys(body.commitments);
    if (without.length && history.unsaid) history.unsaid.set(name, new Set(without));
    if (!place) continue;
    tree.add(hex(line.hash));
    for (const each of wanted.filter((one) => one.size === tree.size)) if (tree.root().toString("base64") !== each.root) tampered(each.name);
  }
  if (!log.next().done) incomplete("log");
  const missed = wanted.filter((each) => each.size > tree.size || each.size === 0).sort((a, b) => a.size - b.size)[0];
  if (missed) incomplete(missed.name);
  if (text) ((history.subjects.get(text.subject)?.seq ?? 0) < text.seq ? incomplete(text.subject) : tampered(`${text.subject} entry ${text.seq}`));
  for (const [name, left] of history.unsaid ?? []) if (left.size) incomplete(name);
  for (const [decision, name] of history.carried) if (!history.carrying.has(decision)) tampered(name);
  if (history.doubled) tampered(history.doubled);
  beside(folder, history, own, definitions);
}

function beside(folder, history, own, definitions) {
  const items = new Set();
  for (const row of rows(folder, "items.jsonl")) {
    const name = `item:${row.code}`;
    const item = history.subjects.get(name);
    if (!item || item.seq < row.seq) incomplete(name);
    const same = item.seq === row.seq && item.head === row.head && item.state === row.state && item.version === row.version
      && item.step === row.step && item.content === row.content_hash;
    if (items.has(name) || !same) tampered(name);
    items.add(name);
  }
  for (const name of history.subjects.keys()) if (name.startsWith("item:") && !items.has(name)) incomplete(name);
  for (const key of definitions.keys()) if (!history.published.has(key)) tampered(`definitions/${key}.json`);
  const known = new Set(history.keys.map((each) => each.split("+").slice(0, 2).join("+")));
  for (const each of own) if (!each.keys.some((key) => known.has(key))) tampered(each.name);
  if (existsSync(join(folder, "people.jsonl"))) {
    const listed = new Set();
    for (const row of rows(folder, "people.jsonl")) {
      const person = history.people.get(row.id);
      const differs = (key) => person.texts.has(key) && person.texts.get(key) !== row[key];
      if (!person || listed.has(row.id) || differs("name") || differs("email")) tampered(`person:${row.id}`);
      listed.add(row.id);
    }
    for (const id of [...history.people.keys()].sort((a, b) => a - b)) if (!listed.has(id)) incomplete(`person:${id}`);
  }
  files(folder, history.files);
  sums(folder);
}

function files(folder, named) {
  const inside = join(folder, "files");
  if (!existsSync(inside)) return;
  const listed = readdirSync(inside).sort();
  const hashes = new Set();
  for (const [key, place] of named) {
    const name = key.slice(key.indexOf(" ") + 1);
    hashes.add(name);
    if (!listed.includes(name)) incomplete(place);
    if (sha(readFileSync(join(inside, name))).toString("hex") !== name) tampered(place);
  }
  for (const name of listed) if (!hashes.has(name)) tampered(`files/${name}`);
}

function sums(folder) {
  const path = join(folder, "SHA256SUMS");
  if (!existsSync(path)) return;
  const text = readFileSync(path).toString("utf8");
  if (!text.endsWith("\n")) tampered("SHA256SUMS");
  for (const line of text.slice(0, -1).split("\n")) {
    const cut = line.indexOf("  ");
    const [expected, name] = cut < 0 ? [line, ""] : [line.slice(0, cut), line.slice(cut + 2)];
    const file = join(folder, name);
    if (["people.jsonl", "salts.jsonl"].includes(name) && !existsSync(file)) continue;
    if (!existsSync(file) || !statSync(file).isFile()) incomplete(name);
    if (sha(readFileSync(file)).toString("hex") !== expected) tampered(name);
  }
}

for await (const job of createInterface({ input: process.stdin })) {
  const { folder, outside } = JSON.parse(job);
  try {
    verify(folder, outside);
    console.log(JSON.stringify({ status: 0, place: "" }));
  } catch (error) {
    if (!(error instanceof Bad)) throw error;
    console.log(JSON.stringify({ status: error.status, place: error.place }));
  }
}
