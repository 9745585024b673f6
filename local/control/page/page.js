// The page of a control port, and of the gateway's /local/control/: the same requests stand under both.

const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function say(sentence, bad = false) {
  byId("said").textContent = sentence;
  byId("said").classList.toggle("bad", bad);
}

async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) options.body = JSON.stringify(body);
  const answer = await fetch(path, options);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error || told.detail || `${method} ${path}: ${answer.status}`);
  return told;
}

/** Do something, say how it went, and show what is so now. */
async function act(sentence, work) {
  const began = performance.now();
  try {
    await work();
    say(`${sentence} (${Math.round(performance.now() - began)} ms)`);
  } catch (error) {
    say(error.message, true);
  }
  await show().catch((error) => say(error.message, true));
}

const button = (label, name, work) => {
  const element = made("button", { type: "button", textContent: label, onclick: work });
  element.setAttribute("aria-label", `${label} ${name}`);
  return element;
};

function showCalls(calls) {
  const rows = [];
  for (const [service, methods] of Object.entries(calls)) {
    const named = Object.entries(methods).sort((a, b) => b[1] - a[1]);
    for (const [place, [method, count]] of (named.length ? named : [["no calls", 0]]).entries()) {
      rows.push(made("tr", {},
        made("td", { textContent: place ? "" : service }),
        made("td", { textContent: method }),
        made("td", { textContent: count.toLocaleString(), className: "number" })));
    }
  }
  byId("calls").replaceChildren(...rows);
  const select = byId("arm").elements.service;
  if (select.options.length !== Object.keys(calls).length) {
    select.replaceChildren(...Object.keys(calls).map((service) => made("option", { textContent: service })));
  }
  byId("methods").replaceChildren(
    ...Object.keys(calls[select.value] ?? {}).map((value) => made("option", { value })));
}

function describe(fault) {
  const does = [fault.drop && "drop", fault.status, fault.delay && `${fault.delay} s late`].filter(Boolean);
  const how = fault.times ? `${fault.times} more` : "until disarmed";
  return `${does.join(", ") || "nothing"} · ${how}${fault.skip ? `, after ${fault.skip}` : ""}`;
}

function showFaults(faults) {
  const items = Object.entries(faults).flatMap(([service, armed]) => armed.map((fault) => made("li", {},
    made("span", { className: "text", textContent: `${service} ${fault.method}` },
      made("small", { textContent: describe(fault) })),
    button("Disarm", `${service} ${fault.method}`, () => act("Disarmed", () =>
      ask("DELETE", `faults?service=${encodeURIComponent(service)}&id=${fault.id}`))))));
  byId("faults").replaceChildren(...items);
}

function showSnapshots(snapshots) {
  const items = snapshots.map(({ name, saved, bytes }) => {
    const path = `snapshots/${encodeURIComponent(name)}`;
    const when = new Date(saved * 1000).toLocaleString();
    return made("li", {},
      made("span", { className: "text", textContent: name },
        made("small", { textContent: `${when} · ${(bytes / 1e6).toFixed(1)} MB` })),
      button("Restore", name, () => act(`Restored ${name}`, () => ask("POST", `${path}/restore`))),
      button("Delete", name, () => act(`Deleted ${name}`, () => ask("DELETE", path))));
  });
  byId("snapshots").replaceChildren(...items);
}

const failed = ({ status }) => !/^(OK|0|[123]\d\d|)$/.test(status);

function bar(call, first, span) {
  const svg = document.createElementNS(SVG, "svg");
  const rect = document.createElementNS(SVG, "rect");
  svg.setAttribute("class", "bar");
  svg.setAttribute("width", "100%");
  svg.setAttribute("aria-hidden", "true");
  const width = Math.max(((call.seconds ?? span) / span) * 100, 0.4);
  for (const [name, value] of Object.entries({
    x: `${Math.min(((call.began - first) / span) * 100, 99.6)}%`, y: 0, height: "100%", width: `${width}%`, rx: 2,
    class: failed(call) ? "failed" : call.service,
  })) rect.setAttribute(name, value);
  svg.append(rect);
  return svg;
}

function showWaterfall(calls) {
  const first = Math.min(...calls.map((call) => call.began));
  const span = Math.max(...calls.map((call) => call.began + (call.seconds ?? 0) - first), 0.001);
  byId("waterfall").replaceChildren(...calls.map((call) => {
    const title = `${call.service} ${call.method}`;
    const status = `${call.status || "under way"}${call.fault ? ` · injected: ${call.fault}` : ""}`;
    const at = `+${Math.round((call.began - first) * 1000)} ms`;
    return made("tr", {},
      made("td", { textContent: title }, made("small", { textContent: call.detail })),
      made("td", { textContent: status, className: failed(call) ? "failed" : "" }),
      made("td", { textContent: call.seconds === null ? "" : (call.seconds * 1000).toFixed(1), className: "number" }),
      made("td", { textContent: `${call.received} / ${call.sent}`, className: "number" }),
      made("td", {}, made("small", { textContent: at }), bar(call, first, span)));
  }));
}

/** What the functions tell of one request themselves; a control port of one service has none of it. */
async function showTold(request) {
  byId("told").hidden = true;
  if (!request) return;
  const query = `?request=${encodeURIComponent(request)}`;
  const [{ spans }, { lines }] = await Promise.all([ask("GET", `spans${query}`), ask("GET", `logs${query}`)]);
  const first = Math.min(...spans.map((span) => span.began));
  const whole = Math.max(...spans.map((span) => span.began + span.seconds - first), 0.001);
  byId("spans").replaceChildren(...spans.map((span) => made("tr", {},
    made("td", { textContent: span.name }, made("small", { textContent: `${span.function} · ${span.kind.toLowerCase()}` })),
    made("td", { textContent: span.status || "ok", className: span.status ? "failed" : "" }),
    made("td", { textContent: (span.seconds * 1000).toFixed(1), className: "number" }),
    made("td", {}, made("small", { textContent: `+${Math.round((span.began - first) * 1000)} ms` }),
      bar({ ...span, service: span.function, status: span.status ? "failed" : "" }, first, whole)))));
  byId("lines").replaceChildren(...lines.map(({ message, severity, function: from, time, ...rest }) => made("li", {},
    made("span", { className: severity === "INFO" ? "text" : "text failed", textContent: `${severity} ${message}` },
      made("small", { textContent: `${from} · ${time} · ${Object.entries(rest)
        .filter(([name]) => !/^(logging|request_id|execution_id|stack_trace)/.test(name))
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ")}` })))));
  byId("told").hidden = false;
}

/** The latest requests that have an id, each with what it was and how many calls it took. */
function showRequests(calls) {
  const requests = new Map();
  for (const call of calls) if (call.request) requests.set(call.request, [...(requests.get(call.request) ?? []), call]);
  const latest = [...requests.entries()].slice(-12).reverse();
  byId("requests").replaceChildren(...latest.map(([id, of]) => made("li", {},
    made("span", { className: "text", textContent: of[0].detail || `${of[0].service} ${of[0].method}` },
      made("small", { textContent: `${id} · ${of.length} ${of.length === 1 ? "call" : "calls"}` })),
    button("Show", id, () => {
      byId("trace").elements.request.value = id;
      showTraces().catch((error) => say(error.message, true));
    }))));
}

async function showTraces() {
  const request = byId("trace").elements.request.value.trim();
  const { traces } = await ask("GET", `traces?last=400${request ? `&request=${encodeURIComponent(request)}` : ""}`);
  if (!request) showRequests(traces);
  showWaterfall(request ? traces : traces.slice(-40));
  await showTold(request).catch(() => {});
}

async function show() {
  const [calls, faults, trip, { snapshots }] = await Promise.all(
    ["calls", "faults", "round-trip", "snapshots"].map((path) => ask("GET", path)));
  showCalls(calls);
  showFaults(faults);
  showSnapshots(snapshots);
  if (document.activeElement !== byId("round-trip").elements.ms) {
    byId("round-trip").elements.ms.value = trip.seconds * 1000;
  }
  await showTraces();
}

function onSubmit(id, work) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    work(byId(id).elements);
  });
}

onSubmit("arm", ({ service, method, status, delay, times, skip, drop }) => act("Armed", () => ask("POST", "faults", {
  service: service.value, method: method.value, status: status.value.trim(), delay: Number(delay.value),
  times: Number(times.value), skip: Number(skip.value), drop: drop.checked,
})));
onSubmit("round-trip", ({ ms }) => act("Set", () => ask("PUT", "round-trip", { seconds: Number(ms.value) / 1000 })));
onSubmit("save", ({ name }) => act(`Saved ${name.value}`, () => ask("POST", "snapshots", { name: name.value })));
onSubmit("trace", () => showTraces().catch((error) => say(error.message, true)));
byId("refresh").onclick = () => act("Up to date", async () => {});
byId("clear-calls").onclick = () => act("Counts are zero", () => ask("DELETE", "calls"));
byId("reset").onclick = () => {
  if (confirm("Empty all services? What is not in a snapshot is lost.")) {
    act("All services are empty", () => ask("DELETE", "state"));
  }
};
byId("trace").elements.request.value = new URLSearchParams(location.search).get("request") ?? "";
byId("arm").elements.service.onchange = () => show().catch((error) => say(error.message, true));
act("Up to date", async () => {});
