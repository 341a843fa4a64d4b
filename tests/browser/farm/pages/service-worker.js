addEventListener('install', (event) => {
  event.waitUntil(fetch('https://{{service-worker-fetch scripts}}/a.json').catch(() => {}));
});
