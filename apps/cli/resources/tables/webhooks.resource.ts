import { text } from '../field.js';
import type { Resource } from '../resource.js';

export const webhooks: Resource = {
  name: 'webhooks',
  about: 'webhooks, and what was sent to them',
  path: '/webhooks',
  owner: 'tenant',
  columns: ['id', 'url', 'events', 'failing_since', 'disabled_at'],
  list: { about: 'list webhooks' },
  get: { about: 'show a webhook, without its secret' },
  create: {
    about: 'add a webhook; its secret is shown this once',
    fields: [
      text('url', 'public https'),
      text('description', 'words for people'),
      { name: 'events', kind: 'list', about: 'types of events; absent: all' },
    ],
    examples: ['webhooks create acme --url https://app.example.com/hook --events connection.expiring'],
  },
  delete: { about: 'delete a webhook and its deliveries' },
  verbs: {
    deliveries: {
      about: 'list what it was sent, or is to be sent',
      method: 'GET',
      one: true,
      path: '/deliveries',
      query: [text('status', 'pending, delivered or failed')],
      columns: ['id', 'type', 'connection', 'status', 'attempts', 'last_status', 'last_error'],
    },
    resend: {
      about: 'send a delivery again, by its id',
      method: 'POST',
      one: true,
      behind: 'owner',
      path: '/deliveries/{id}/resend',
      examples: ['webhooks resend acme/msg_0198c2f0'],
    },
  },
};
