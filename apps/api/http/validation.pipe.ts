import { StandardSchemaValidationPipe } from '@nestjs/common';
import { validationProblem } from '../problem/validation-problem.js';

export const validationPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) => validationProblem(issues),
});
