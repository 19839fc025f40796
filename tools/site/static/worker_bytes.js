new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    if (entry.name.includes("/static/pyodide/")) postMessage({ courseBytes: entry.decodedBodySize });
}).observe({ type: "resource", buffered: true });
{
  const said = console.error;
  console.error = (...words) => {
    const missing = /error occurred while loading ([^:]+)/.exec(words.join(" "));
    if (missing) postMessage({ courseMissing: missing[1] });
    said(...words);
  };
}
