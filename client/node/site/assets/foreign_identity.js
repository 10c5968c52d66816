// SPDX-License-Identifier: Apache-2.0
// Removes what an SDK would stumble over. It reads a cookie of its name before its own storage,
// also one that another site of this domain has set, and a value that it cannot read ends it.

/** To be called before the SDK's script runs; `cookie` and `store` are the SDK's names. */
export function removeForeignIdentities(cookie, store) {
  const { hostname, pathname } = location;
  const labels = hostname.split('.');
  const domains = ['', ...labels.map((_, i) => `; Domain=${labels.slice(i).join('.')}`)];
  const folders = pathname.split('/');
  const paths = ['/', ...folders.map((_, i) => folders.slice(0, i + 1).join('/'))];
  for (const name of [cookie, `${cookie}_config`]) {
    for (const domain of domains) {
      for (const path of paths) document.cookie = `${name}=; Max-Age=0; Path=${path}${domain}`;
    }
  }
  for (const key of [store, `${store}_config`]) {
    if (!isObject(localStorage.getItem(key))) localStorage.removeItem(key);
  }
}

function isObject(text) {
  try {
    return JSON.parse(text) instanceof Object;
  } catch {
    return false;
  }
}
