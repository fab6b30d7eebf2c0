/** Of `GET …/token`, as the server writes its routes. */
export const tokenPath = '/v1/tenants/:tenant/connections/:id/token';
