// In Python's worker: how much it has loaded, what is missing, and whether it is to stop.
{
  new PerformanceObserver(list => {
    for (const entry of list.getEntries())
      if (entry.name.includes("/static/pyodide/")) postMessage({ courseBytes: entry.decodedBodySize });
  }).observe({ type: "resource", buffered: true });
  const said = console.error;
  console.error = (...words) => {
    const missing = /error occurred while loading ([^:]+)/.exec(words.join(" "));
    if (missing) postMessage({ courseMissing: missing[1] });
    said(...words);
  };
  // A message waits until Python has ended, so Python asks the page, as it does for files.
  const kernel = `course-${Math.random()}`;
  postMessage({ courseKernel: kernel });
  self.courseStopped = () => {
    try {
      const asked = new XMLHttpRequest();
      asked.open("POST", new URL("../../../../api/drive", location.href), false);
      asked.send(JSON.stringify({ browsingContextId: kernel }));
      return JSON.parse(asked.responseText) === true;
    } catch {
      self.courseStopped = () => false;  // no service worker took the question
      return false;
    }
  };
}
