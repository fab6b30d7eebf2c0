import { Reflector } from '@nestjs/core';

/** Name of a field that is answered once and never kept: a replay comes without it. */
export const ReplayWithout = Reflector.createDecorator<string>();
