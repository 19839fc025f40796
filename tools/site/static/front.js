// The large picture of the front page: drawn at once from what was stored, by the lessons' own code,
// which stands above, and computed anew by Python in a worker as soon as that is there.
const stored = JSON.parse(document.getElementById("picture-state").textContent);
const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const state = Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, value?.base64 === undefined ? value : bytes(value.base64)]));
const line = document.getElementById("python"), total = +line.dataset.bytes, listeners = {};
let worker, loaded = 0, ready = false, busy = false, waiting = {};

const tell = changes => {
  Object.assign(state, changes);
  for (const name in changes) for (const listener of listeners[name] ?? []) listener();
};
const post = () => {
  const [next] = Object.entries(waiting);
  if (!ready || busy || !next) return;
  delete waiting[next[0]];
  busy = true;
  worker.postMessage(next);
};
const ask = (name, value) => {
  waiting[name] = value;
  start();
  post();
};
const model = {
  get: name => state[name],
  set: (name, value) => { state[name] = value; ask(name, value); },
  save_changes: () => {},
  send: button => ask("press", button),
  on: (names, listener) => {
    for (const name of names.split(" ")) (listeners[name.replace("change:", "")] ??= []).push(listener);
  },
};

function start() {
  if (worker) return;
  line.textContent = "Python is loading. Then the picture answers.";
  const code = `const ROOT = ${JSON.stringify(new URL(".", location).href)};\n${document.getElementById("worker").textContent}`;
  worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  worker.onerror = event => { line.textContent = `Python could not be started here (${event.message}). The lessons can be read without it.`; };
  worker.onmessage = ({ data }) => {
    if (data.bytes) {
      if (ready) return;  // what is told late
      loaded += data.bytes;
      line.textContent = `Python is loading: ${Math.min(99, Math.round(100 * loaded / total))} % of ${Math.round(total / 1e6)} MB. Then the picture answers.`;
    } else if (data.failed) line.textContent = `Python could not be loaded here (${data.failed.split("\n").at(-1)}). The lessons can be read without it.`;
    else if (data.ready) {
      ready = true;
      line.textContent = "Drag the start, move a slider: Python answers, in your browser.";
      post();
    } else {
      busy = false;
      // What the reader has changed meanwhile is newer than what comes back.
      tell(Object.fromEntries(Object.entries(data.state).filter(([name]) => !(name in waiting))));
      post();
    }
  };
}

const el = document.getElementById("picture");
el.querySelector("img").remove();
el.className = "course-explorer";
explorer.render({ model, el });
if (!navigator.connection?.saveData) start();
