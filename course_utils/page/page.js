// An explorer on a page: its controls, its picture on a canvas, its sentence.
// The kernel computes; the page sends it values, a width, and where a hand pulls.
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.dataset.lmSuppressShortcuts = "";  // else JupyterLab 4.4 and Notebook 7 hear a key first
  element.append(...children);
  return element;
};
const put = (model, name, value) => { model.set(name, value); model.save_changes(); };
const told = value => String(+Number(value).toPrecision(12));
function outline(points, from, to, dx = 0, dy = 0) {
  const path = new Path2D();
  let down = false;
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const there = Number.isFinite(points[i] + points[i + 1]);
    if (there) path[down ? "lineTo" : "moveTo"](points[i] + dx, points[i + 1] + dy);
    down = there;
  }
  return path;
}

function drawLayer(context, looks, data) {
  const points = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  for (let at = 1, end; at <= points.length / 2; at = end + 1) {  // before each shape its look and length
    const look = looks[points[2 * at - 2]], first = at + (look.stamp ?? 0);
    end = at + points[2 * at - 1];
    const ink = path => { if (look.fill) context.fill(path); if (look.stroke) context.stroke(path); };
    context.save();
    if (look.clip) { context.beginPath(); context.rect(...look.clip); context.clip(); }
    Object.assign(context, { strokeStyle: look.stroke, fillStyle: look.fill, textAlign: look.align ?? "left" },
      { lineWidth: look.width ?? 1, lineCap: look.cap ?? "butt", lineJoin: "round" });
    context.setLineDash(look.dash ?? []);
    if (look.size) {
      context.translate(points[2 * at], points[2 * at + 1]);
      context.rotate(-look.angle * Math.PI / 180);
      context.font = `${look.bold ? "bold " : ""}${look.size}px "DejaVu Sans", Verdana, sans-serif`;
      context.fillText(String.fromCodePoint(...points.slice(2 * at + 2, 2 * end).filter(Boolean)), 0, 0);
    } else if (look.stamp ?? look.radius) {
      for (let i = first; i < end; i += 1) {
        const x = points[2 * i], y = points[2 * i + 1], circle = new Path2D();
        if (look.radius) circle.arc(x, y, look.radius, 0, 7);
        ink(look.radius ? circle : outline(points, at, first, x, y));
      }
    } else ink(outline(points, at, end));
    context.restore();
  }
}

function picture(model) {
  const canvas = make("canvas", { className: "course-picture", role: "img" }), ground = make("canvas");
  let held = null, off = null, stale = true;
  model.on("change:paper change:laid change:axes", () => { stale = true; });
  const draw = () => {
    const [width, height] = model.get("size");
    if (!width || !canvas.isConnected) return;
    canvas.style.aspectRatio = `${width} / ${height}`;
    const across = Math.max(Math.round(canvas.getBoundingClientRect().width * devicePixelRatio), 1);
    const scale = across / width, down = Math.round(height * scale), pens = [ground, canvas].map(each => {
      if (each.width !== across || each.height !== down) { stale = true; Object.assign(each, { width: across, height: down }); }
      const pen = each.getContext("2d");
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      if (each === canvas || stale) pen.clearRect(0, 0, width, height);
      return pen;
    });
    for (const layer of stale ? ["paper", "laid", "axes"] : [])
      drawLayer(pens[0], model.get(`${layer}_looks`), model.get(layer));
    stale = false;
    pens[1].drawImage(ground, 0, 0, width, height);
    drawLayer(pens[1], model.get("moving_looks"), model.get("moving"));
    canvas.dispatchEvent(new Event("drawn"));
  };
  const place = event => {
    const box = canvas.getBoundingClientRect(), [width, height] = model.get("size");
    return [(event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height];
  };
  const under = event => {
    const [x, y] = place(event);
    return model.get("grabs").find(({ box: [left, top, width, height], at }) => at
      ? Math.hypot(x - at[0], y - at[1]) < 16
      : x >= left && x <= left + width && y >= top && y <= top + height);
  };
  const hand = event => {
    if (event.type === "pointerdown" && !model.get("running") && (held = under(event))) {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      off = place(event).map((at, i) => (held.at?.[i] ?? at) - at);
    } else if (event.type !== "pointermove") held = null;
    const one = held ?? under(event), cursor = held ? "grabbing" : one ? (one.at ? "grab" : "crosshair") : "";
    Object.assign(canvas.style, { cursor, touchAction: one ? "none" : "" });
    if (held) put(model, "pointer", [held.number, ...place(event).map((at, i) => at + off[i]), performance.now()]);
  };
  for (const kind of ["down", "move", "up", "cancel"]) canvas.addEventListener(`pointer${kind}`, hand);
  return { canvas, draw };
}

function slider(spec, values, set) {
  const { low, log, step, whole, unit, label } = spec;
  const high = () => typeof spec.high === "string" ? values()[spec.high] : spec.high;
  const toShare = value => log
    ? Math.log(value / low) / Math.log(high() / low) : (value - low) / (high() - low || 1);
  const toValue = share => {
    if (share <= 0 || share >= 1) return share <= 0 ? low : high();
    const value = log ? low * (high() / low) ** share : low + share * (high() - low);
    return step ? +(Math.round(value / step) * step).toPrecision(12) : +value.toPrecision(3);
  };
  const range = make("input", { type: "range", min: 0, max: 1, step: "any", ariaLabel: label, oninput: () => set(toValue(+range.value)) });
  const hint = make("span", { className: "course-hint", role: "alert" });
  const typed = make("input", { type: "text", inputMode: "decimal", className: "course-value", autocomplete: "off", ariaLabel: `${label}, typed` });
  range.addEventListener("keydown", event => {
    const now = values()[spec.name], near = 1e-9 * Math.abs(now);
    const stops = spec.stops.length ? spec.stops : [now - 1, now + 1];
    const up = stops.find(stop => stop > now + near), down = stops.findLast(stop => stop < now - near);
    const next = { ArrowRight: up, ArrowUp: up, ArrowLeft: down, ArrowDown: down };
    if (!(event.key in next) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    set(Math.min(Math.max(next[event.key] ?? now, low), high()));
  });
  const show = () => {
    const value = values()[spec.name], text = told(value);
    Object.assign(range, { value: toShare(value), ariaValueText: unit ? `${text} ${unit}` : text });
    Object.assign(typed, { value: text, ariaInvalid: "false" });
    hint.textContent = "";
  };
  const commit = () => {
    const text = typed.value.trim().replace(",", ".").replace("−", "-"), value = Number(text);
    const good = text !== "" && value >= low && value <= high() && (!whole || Number.isInteger(value));
    if (good) set(value); else typed.ariaInvalid = "true";
    hint.textContent = good ? "" : `a ${whole ? "whole " : ""}number from ${told(low)} to ${told(high())}`;
    return good;
  };
  typed.onkeydown = event => {
    if (event.key === "Escape") show();
    if (event.key === "Enter" && commit() && !event.shiftKey && !event.ctrlKey) typed.select();
  };
  typed.onchange = commit;
  typed.onblur = () => { const refused = hint.textContent; show(); hint.textContent = refused; };
  return { parts: [range, typed, make("span", { textContent: unit, className: "course-unit" }), hint], show, high };
}

function choice(spec, values, set) {
  const name = `course-${Math.random()}`;
  const radios = spec.options.map(option => make("input", { type: "radio", name, onchange: () => set(option) }));
  const labels = radios.map((radio, i) => make("label", null, radio, make("span", { textContent: spec.options[i] })));
  const group = make("span", { className: "course-options", role: "radiogroup", ariaLabel: spec.label }, ...labels);
  return { parts: [group], show: () => radios.forEach((radio, i) => { radio.checked = spec.options[i] === values()[spec.name]; }) };
}

function player({ name, label, low, play: pause }, high, values, set) {
  let timer = null, speed = 1;
  const button = (text, title, onclick) =>
    make("button", { type: "button", textContent: text, title, ariaLabel: `${label}: ${title}`, onclick });
  const tick = () => {
    const more = values()[name] < high();
    if (more || again.ariaPressed === "true") set(more ? values()[name] + 1 : low); else run(false);
  };
  const run = on => {
    clearInterval(timer);
    timer = on ? setInterval(tick, pause / speed) : null;
    Object.assign(play, { textContent: on ? "❚❚" : "▶", title: on ? "pause" : "play" }).ariaLabel = `${label}: ${play.title}`;
  };
  const play = button("▶", "play", () => {
    if (!timer && values()[name] >= high()) set(low);
    run(!timer);
  });
  const faster = button("1×", "speed", () => {
    speed = { 0.5: 1, 1: 2, 2: 4, 4: 0.5 }[speed];
    Object.assign(faster, { textContent: `${speed === 0.5 ? "½" : speed}×`, ariaLabel: `${label}: speed ${speed}` });
    if (timer) run(true);
  });
  const again = button("↻", "loop", () => { again.ariaPressed = String(again.ariaPressed !== "true"); });
  again.ariaPressed = "false";
  return { buttons: make("span", { className: "course-play" }, play, faster, again), stop: () => run(false) };
}

export default { render({ model, el }) {
  const values = () => model.get("values"), controls = [], players = [], rows = make("div", { className: "course-controls" });
  for (const spec of model.get("controls")) {
    const set = value => {
      if (!model.get("running")) put(model, "values", { ...values(), [spec.name]: value });
      show();
    };
    const { parts, show: one, high } = (spec.kind === "choice" ? choice : slider)(spec, values, set);
    const className = `course-control course-share-${spec.share}${spec.opens ? " course-opens" : ""}`;
    const line = make("div", { className }, make("span", { textContent: spec.label, className: "course-label" }));
    line.dataset.name = spec.name;
    if (spec.play) players.push(player(spec, high, values, set));
    line.append(...(spec.play ? [players.at(-1).buttons] : []), ...parts);
    rows.append(line);
    controls.push({ line, show: one, name: spec.name });
  }
  const press = name => {
    if (name === "Reset") players.forEach(each => each.stop());
    if ((name === "Stop") === model.get("running")) model.send(name);
  };
  const [reset, ...job] = ["Reset", "Train", "Stop"].map(name =>
    make("button", { type: "button", textContent: name, className: "course-button", onclick: () => press(name) }));
  const bar = make("progress", { max: 1, ariaLabel: "training" });
  controls[0].line.append(reset);
  if (model.get("job")) rows.append(make("div", { className: "course-buttons" }, ...job, bar));
  const { canvas, draw } = picture(model), sentence = make("div", { className: "course-verdict", ariaLive: "polite" });
  el.append(canvas, sentence, rows);
  canvas.addEventListener("pointerdown", () => players.forEach(each => each.stop()));  // one hand at a time
  const show = () => controls.forEach(one => { one.line.hidden = model.get("idle").includes(one.name); one.show(); });
  const tell = (more = "") => {
    canvas.ariaLabel = model.get("sentence");
    const pieces = canvas.ariaLabel.split(/((?<![\w./])[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?(?![\d(/]| \+))/);
    sentence.replaceChildren(...pieces.map((piece, i) => i % 2 ? make("b", { textContent: piece }) : piece), more);
    sentence.style.minHeight = `${sentence.offsetHeight}px`;  // what stands below must not jump
    sentence.lastChild.remove();
  };
  const run = () => {
    const running = model.get("running");
    bar.value = model.get("done");
    for (const each of [...rows.querySelectorAll("input"), reset, job[0]]) each.ariaDisabled = String(running);
    job[1].ariaDisabled = String(!running);
  };
  // JupyterLab takes the keys that it knows: all stay in here but those that run a cell or save.
  el.addEventListener("keydown", event => {
    const book = el.closest(".jp-Notebook"), { key } = event, held = event.ctrlKey || event.metaKey;
    const known = key === "Enter" && (event.shiftKey || held) || key === "s" && held;
    if (!known || book) event.stopPropagation();
    if (known && book) event.preventDefault(); else return;
    if (key === "Enter") book.focus();
    book.dispatchEvent(new KeyboardEvent("keydown", event));
  });
  let asked = 0, later, frame;
  const fit = () => {
    const wide = canvas.clientWidth;
    if (wide > 100 && Math.abs(wide - asked) > 8) {
      put(model, "width", asked = wide);
      sentence.style.minHeight = "";
      tell(make("div", { textContent: "0" }));  // room for one more line
    }
    draw();
  };
  const soon = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(draw); };
  const watch = new ResizeObserver(() => { clearTimeout(later); later = setTimeout(fit, asked ? 150 : 0); });
  watch.observe(canvas);
  const density = Object.assign(matchMedia(`(resolution: ${devicePixelRatio}dppx)`), { onchange: draw });
  model.on("change:values change:idle", show);
  const mark = gone => el.classList.toggle("jupyter-widgets-disconnected", gone);  // anywidget doesn't
  model.on("comm_live_update", () => mark(true));
  model.on("change:sentence", () => (mark(false), tell()));
  model.on("change:moving change:moving_looks change:laid change:axes change:paper change:size", soon);
  model.on("change:running change:done", run);
  [show, tell, run].forEach(start => start());
  model.on("change:width", () => { if (asked && !model.get("width")) put(model, "width", asked); });  // another view left
  const end = () => { players.forEach(each => each.stop()); watch.disconnect(); density.onchange = null; asked = 0; };
  return () => { end(); if (!el.classList.contains("jupyter-widgets-disconnected")) put(model, "width", 0); };
} };
