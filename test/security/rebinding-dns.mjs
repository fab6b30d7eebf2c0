// Loaded before a role: names of `.rebinding.test` answer with an address that leads nowhere at first, and from then on
// with this machine; names of `.inside.test` with this machine always, those of `.mixed.test` with both.
import dns from 'node:dns';

const nowhere = '3ffe::1';
const here = '127.0.0.1';
const asked = new Map();

/** @param {string} name */
function addressesOf(name, family) {
  if (name.endsWith('.inside.test')) return family === 4 ? [here] : [];
  if (name.endsWith('.mixed.test')) return family === 4 ? [here] : [nowhere];
  if (!name.endsWith('.rebinding.test')) return undefined;
  const key = `${name} ${family}`;
  const count = asked.get(key) ?? 0;
  asked.set(key, count + 1);
  if (count === 0) return family === 4 ? [] : [nowhere];
  return family === 4 ? [here] : [];
}

const { prototype } = dns.promises.Resolver;
for (const family of [4, 6]) {
  const original = prototype[`resolve${family}`];
  prototype[`resolve${family}`] = function (name, ...rest) {
    const addresses = addressesOf(name, family);
    return addresses ? Promise.resolve(addresses) : original.call(this, name, ...rest);
  };
}
const { lookup } = dns;
dns.lookup = (name, options, callback) =>
  lookup(/\.(?:rebinding|inside|mixed)\.test$/.test(name) ? here : name, options, callback);
