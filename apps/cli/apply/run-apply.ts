import { CliError, isAbsent, usageError } from '../cli.errors.js';
import type { Options } from '../resources/field-values.js';
import type { Session } from '../session.js';
import { problemText } from '../text/problem-text.js';
import { safeText } from '../text/safe-text.js';
import { declarationsIn } from './apply-file.js';
import { planTenant } from './plan-tenant.js';
import { References } from './references.js';
import { type Step, stepText } from './step.js';

interface Outcome {
  readonly step: Step;
  readonly error?: CliError;
  /** Where somebody has to consent. */
  readonly link?: string;
}

/** @returns whether something could not become as it is declared */
export async function runApply(session: Session, options: Options): Promise<boolean> {
  const files = options['file'] as string[] | undefined;
  if (!files) throw usageError('A file must be named: -f <path>, or -f - for stdin.');
  const declarations = declarationsIn(session.terminal, files);
  const plans: Step[][] = [];
  for (const declaration of declarations) {
    const references = new References(session.terminal, declaration.folder);
    plans.push(await planTenant(session.api, declaration, references, options['prune'] === true));
  }
  const steps = plans.flat();
  if (!session.json) session.terminal.out(planText(steps));
  const isDryRun = options['dryRun'] === true;
  const outcomes: readonly Outcome[] = isDryRun
    ? steps.map((step) => ({ step }))
    : await runSteps(session, steps);
  const waiting = outcomes.flatMap((outcome) => consentOf(outcome));
  if (session.json) session.print(jsonOf(isDryRun, outcomes, waiting), () => '');
  else if (waiting.length > 0)
    session.terminal.out(`\nSomebody has to consent:\n${waiting.map(lineOf).join('')}`);
  return outcomes.some(({ step, error }) => step.action === 'blocked' || error !== undefined);
}

function planText(steps: readonly Step[]): string {
  const moving = steps.filter(({ action }) => action !== 'unchanged');
  const lines = moving.map((step) => `${safeText(stepText(step))}\n`);
  return `Plan:\n${lines.map((line) => `  ${line}`).join('')}  ${steps.length - moving.length} unchanged\n`;
}

/** One after the other; where one is refused the others are done all the same. */
async function runSteps(session: Session, steps: readonly Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    const outcome = await runStep(session, step);
    outcomes.push(outcome);
    if (session.json || !step.run) continue;
    const { error } = outcome;
    const words = error ? `refused. ${problemText(error.problem)}` : 'done';
    session.terminal.out(`${safeText(`${step.action} ${step.kind} ${step.name}`)}: ${words}\n`);
  }
  return outcomes;
}

async function runStep(session: Session, step: Step): Promise<Outcome> {
  try {
    const made = await step.run?.(session.api);
    const link =
      made?.['authorization_url'] ?? made?.['verification_uri_complete'] ?? made?.['verification_uri'];
    const isPending = made?.['status'] === 'pending';
    return {
      step: isPending ? { ...step, needsConsent: true } : step,
      ...(link ? { link: String(link) } : {}),
    };
  } catch (error) {
    if (!(error instanceof CliError) || isAbsent(error)) throw error;
    return { step, error };
  }
}

interface Waiting {
  readonly connection: string;
  readonly authorization_url: string | null;
}

function consentOf({ step, link, error }: Outcome): Waiting[] {
  if (!step.needsConsent || error) return [];
  return [{ connection: step.name, authorization_url: link ?? null }];
}

function lineOf({ connection, authorization_url: link }: Waiting): string {
  return `  ${safeText(`${connection}: ${link ?? `grantkeeper connections authorize ${connection}`}`)}\n`;
}

function jsonOf(isDryRun: boolean, outcomes: readonly Outcome[], waiting: readonly Waiting[]) {
  const steps = outcomes.map(({ step: { action, kind, name, detail }, error }) => ({
    action,
    kind,
    name,
    ...(detail === undefined ? {} : { detail }),
    ...(error ? { error: error.problem } : {}),
  }));
  return { dry_run: isDryRun, steps, needs_consent: waiting };
}
