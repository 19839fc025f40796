// Python behind the front page's picture: it loads, says so, then answers what the page changes.
importScripts("static/pyodide/pyodide.js");
const files = new PerformanceObserver(list => {
  for (const entry of list.getEntries()) postMessage({ bytes: entry.decodedBodySize });
});
files.observe({ type: "resource", buffered: true });

const ready = (async () => {
  const { lock } = await (await fetch("static/pyodide/stamp.json")).json();
  const python = await loadPyodide({ indexURL: "static/pyodide/", lockFileURL: `static/pyodide/${lock}`, packages: ["optimizer-course"] });
  python.runPython(await (await fetch("front_picture.py")).text());
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
