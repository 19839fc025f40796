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
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...rest) {
      super(...rest);
      this.addEventListener("message", ({ data }) => {
        if (data?.courseBytes) {
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
    if (!navigator.serviceWorker) note = "This window blocks service workers, as private windows may: files beside the notebooks can't be read, and your changes may be lost when it is closed.";
    if (note && ready) say(note);
  }).catch(() => {});
  const stop = text => { say(`${text} The lessons can be read: `); line.append(Object.assign(document.createElement("a"), { href: read(), textContent: "read this one" })); return new Promise(() => {}); };
})();
