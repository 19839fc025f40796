// Python behind the front page's picture: it loads, says so, then answers what the page changes.
// ROOT is the site's address; LOCK names the packages' lock; PICTURE is front_picture.py.
importScripts(`${ROOT}static/pyodide/pyodide.js`);
const files = new PerformanceObserver(list => {
  for (const entry of list.getEntries()) postMessage({ bytes: entry.decodedBodySize });
});
files.observe({ type: "resource", buffered: true });

const ready = (async () => {
  const indexURL = `${ROOT}static/pyodide/`;
  const python = await loadPyodide({ indexURL, lockFileURL: indexURL + LOCK, packages: ["optimizer-course"] });
  python.runPython(PICTURE);
  return python;
})();
ready.then(() => postMessage({ ready: true }), error => postMessage({ failed: String(error) }));

onmessage = async ({ data: [name, value] }) => {
  try {
    const python = await ready, shown = python.globals.get("heard")(name, python.toPy(value));
    const state = shown.toJs({ dict_converter: Object.fromEntries });
    shown.destroy();
    postMessage({ state });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
