/** Every answer has it. */
export const requestIdHeader = {
  'X-Request-Id': {
    required: true,
    description:
      'The id that the request was sent with as `X-Request-Id`, where it has 1 to 128 of the characters `A-Z a-z 0-9 . _ : + = / -`; otherwise a new one.',
    schema: { type: 'string' },
  },
};
