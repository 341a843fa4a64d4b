fetch('https://{{shared-worker-fetch scripts}}/a.json').catch(() => {});
