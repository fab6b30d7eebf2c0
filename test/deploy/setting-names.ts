import { loadSettings } from '#config';

/** The names of all settings, as `libs/config` looks them up; `NODE_ENV` among them. */
export function settingNames(): ReadonlySet<string> {
  const lookedUp = new Set<string>();
  const key = `k1:${Buffer.alloc(32).toString('base64')}`;
  loadSettings(
    new Proxy<NodeJS.ProcessEnv>(
      {},
      {
        get: (_, name) => {
          lookedUp.add(String(name));
          return name === 'GRANTKEEPER_KEKS' ? key : undefined;
        },
      },
    ),
  );
  return new Set([...lookedUp].filter((name) => !name.endsWith('_FILE')));
}
