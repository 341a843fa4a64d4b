// What the newspaper itself does in the browser: light or dark, the ports whose
// tides a reader compares, and the list of the latest articles.
(() => {
  'use strict';

  const year = 365 * 86400;
  const stored = (name) => document.cookie.split('; ')
    .find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1);
  const keep = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=${year}; SameSite=Lax`;
  };

  const preferred = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
  };
  const chosen = stored('theme');
  if (chosen) show(chosen);
  keep('theme', chosen ?? preferred);
  document.getElementById('theme')?.addEventListener('click', () => {
    const next = (stored('theme') ?? preferred) === 'dark' ? 'light' : 'dark';
    keep('theme', next);
    show(next);
  });

  keep('compare_list', stored('compare_list') ?? 'kervazan.port-ylec');

  const list = document.getElementById('latest');
  if (!list) return;
  fetch('/api/articles.json')
    .then((answer) => answer.json())
    .then((articles) => list.replaceChildren(...articles.map(({ title, url }) => {
      const link = Object.assign(document.createElement('a'), { href: url, textContent: title });
      const item = document.createElement('li');
      item.append(link);
      return item;
    })))
    .catch(() => {
      list.textContent = 'La liste n’a pas pu être chargée.';
    });
})();
