// In the lab: how far Python has loaded, what is missing, the way back, and no copy of an older site.
(() => {
  // JupyterLab takes the notebook's name out of the address; a reload is to open it again.
  try {
    const here = new URL(location), name = here.searchParams.get("path") ?? sessionStorage.getItem("course-path");
    if (name) {
      sessionStorage.setItem("course-path", name);
      here.searchParams.set("path", name);
      history.replaceState(history.state, "", here);
    }
  } catch { /* a window that keeps nothing opens the lab alone */ }
  const line = document.createElement("div"), root = new URL("..", location.href);
  line.id = "course-line";
  line.setAttribute("role", "status");
  const say = text => { line.textContent = text; line.hidden = !text; };
  const read = () => {
    const name = new URLSearchParams(location.search).get("path")?.replace(".ipynb", ".html") ?? "";
    return name ? `${root}read/${name}` : `${root}index.html`;
  };
  addEventListener("DOMContentLoaded", () => {
    const links = document.createElement("div");
    links.id = "course-links";
    links.innerHTML = `<a href="${root}index.html">All lessons</a> <a href="${read()}">Read only</a>`;
    document.body.append(line, links);
  });

  let loaded = 0, total = 0, fault = "", note = "", ready = false;
  window.courseSite = fetch(`${root}static/pyodide/stamp.json`, { cache: "no-store" }).then(answer => answer.json());
  courseSite.then(site => { total = site.bytes; }, () => say("The site is not whole: static/pyodide/stamp.json is missing."));
  // The stop button: Python, while it trains, asks here by the way that its files take.
  const asks = new BroadcastChannel("/sw-api.v1"), stops = new Map();
  asks.onmessage = ({ data: { browsingContextId, pathname } }) => {
    if (pathname && stops.has(browsingContextId)) asks.postMessage({ browsingContextId, response: stops.get(browsingContextId) });
  };
  window.courseInterrupt = () => { for (const kernel of stops.keys()) stops.set(kernel, true); };

  // A kernel that adds a line to a file writes the whole file: what another has added meanwhile stays.
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (file, name) {
    if (this.name !== "files" || !`${name}`.endsWith("course-progress.txt")) return put.apply(this, arguments);
    const asked = this.get(name);  // in the same transaction, which no other tab's comes between
    asked.onsuccess = () => put.call(this, together(asked.result, file), name);
    return asked;
  };
  const together = (kept, file) => {
    if (typeof kept?.content !== "string" || typeof file.content !== "string") return file;
    const before = kept.content.split("\n"), after = file.content.split("\n");
    const differ = before.findIndex((line, at) => line !== after[at]);
    if (differ < 0) return file;
    const added = after.slice(differ), lines = added.filter(line => line);
    const stale = lines.length === 1 ? !before.includes(lines[0]) : kept.created !== file.created;
    return stale ? { ...file, created: kept.created, content: [...before, ...added].join("\n") } : file;
  };

  // What this window lacks.
  const reaches = async () => navigator.serviceWorker.getRegistration();
  const keeps = () => new Promise((resolve, reject) => {
    const request = indexedDB.open("course-probe");
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = () => { resolve(); request.transaction.abort(); };
  });
  const lacks = async () => {
    const found = [];
    await reaches().catch(() => found.push("blocks service workers, so that Python finds no file beside the notebooks and can't be stopped while it trains"));
    await keeps().catch(() => {
      found.push("keeps nothing, so that what you write is lost when it is closed");
      Object.defineProperty(window, "indexedDB", { value: undefined });  // so that the lab takes memory
    });
    if (found.length) note = `This window, as a private one may, ${found.join(", and ")}.`;
  };

  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...rest) {
      super(...rest);
      this.addEventListener("message", ({ data }) => {
        if (data?.courseKernel) this.courseKernel = data.courseKernel;
        else if (data?.courseBytes) {
          loaded += data.courseBytes;
          if (!fault && !ready) say(`Python is loading: ${Math.min(99, Math.round(100 * loaded / total))} % of ${Math.round(total / 1e6)} MB, on a first visit. You can read meanwhile; cells run when it is there.`);
        } else if (data?.courseMissing) {
          fault = data.courseMissing;
          say(`Python can't start: ${fault} could not be loaded. Reload the page; if it stays so, the site is not whole.`);
        } else if (data?.id !== undefined && data.id === this.courseFirst) {
          ready = !fault;
          if (ready) say(note);
        }
      });
    }
    postMessage(message, ...rest) {
      if (message?.path?.[0] === "initialize") this.courseFirst = message.id;
      if (message?.path?.[0] === "execute") stops.set(this.courseKernel, false);
      super.postMessage(message, ...rest);
    }
  };

  // A changed site: what the browser has kept of the old one is fetched anew before the lab starts.
  window.courseFresh = courseSite.then(async site => {
    if (typeof WebAssembly !== "object") return stop("This browser has no WebAssembly, which Python needs here.");
    let stale = false;
    try {
      for (const part of ["course", "python"]) {
        const { version, files } = site[part], before = localStorage.getItem(`${part}-version`);
        const old = before && before !== version;
        if (old) await Promise.all(files.map(name => fetch(root + name, { cache: "reload" })));
        localStorage.setItem(`${part}-version`, version);  // before any reload, or it has no end
        stale ||= old;
      }
    } catch { /* a window that keeps nothing has no old copies */ }
    if (stale) {
      location.reload();  // this page may be an old copy itself
      return new Promise(() => {});
    }
    await lacks();
  }).catch(() => {});
  const stop = text => { say(`${text} The lessons can be read: `); line.append(Object.assign(document.createElement("a"), { href: read(), textContent: "read this one" })); return new Promise(() => {}); };
})();
