import { answerSettings } from './answer.schemas.js';
import { clientAuthSettings } from './client-auth.schemas.js';
import { endpointSettings } from './endpoint.schemas.js';
import { errorSettings } from './error.schemas.js';
import { requestSettings } from './request.schemas.js';

/** Everything about the server, and nothing about an installation: what a preset may settle. */
export const serverSettings = {
  ...endpointSettings,
  ...clientAuthSettings,
  ...requestSettings,
  ...answerSettings,
  ...errorSettings,
};
