// Which notebooks the reader has changed, which stay in this browser, and the way back to ours.
const NAME = "five-optimizers", STORE = "files";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = () => { request.transaction.abort(); };  // nothing was ever kept
  });
}

function ask(database, mode, what) {
  return new Promise((resolve, reject) => {
    const request = what(database.transaction(STORE, mode).objectStore(STORE));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const database = await open().catch(() => null);
const kept = database?.objectStoreNames.contains(STORE) ? await ask(database, "readonly", store => store.getAllKeys()) : [];
for (const item of document.querySelectorAll("li[data-notebook]")) {
  const name = item.dataset.notebook;
  if (!kept.includes(name)) continue;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Drop my changes" });
  button.onclick = async () => {
    if (!confirm(`Your changes of ${name} are deleted, and you get the original. Go on?`)) return;
    await ask(database, "readwrite", store => store.delete(name));
    button.replaceWith("This is the original again.");
  };
  item.querySelector(".ways").append(button);
}
