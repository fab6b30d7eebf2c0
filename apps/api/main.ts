import './heap-limits.js';
import { SETTINGS, type Settings } from '#config';
import { logReady, runApplication } from '#observability';
import { createApi } from './api.js';

await runApplication(async () => {
  const app = await createApi();
  const { port, host } = app.get<Settings>(SETTINGS);
  await app.listen(port, host);
  logReady();
  return app;
});
