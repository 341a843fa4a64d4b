fetch('https://{{own-worker-fetch scripts}}/a.json').catch(() => {});
try {
  importScripts('https://{{own-worker-import scripts}}/a.js');
} catch {
  // A worker may be denied this: the next line must run all the same.
}
new WebSocket('wss://{{own-worker-socket scripts}}/a');
