import { readFileSync } from 'node:fs';
import { type Copy, DockerfileParser, type From, type Healthcheck, type Instruction } from 'dockerfile-ast';

export interface CopyStep {
  readonly kind: 'copy';
  /** Another stage; undefined: the build context. */
  readonly from: string | undefined;
  readonly owner: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export interface RunStep {
  readonly kind: 'run';
  readonly command: string;
}

/** One stage, with what it inherits from the stage it starts from. */
export interface Stage {
  readonly name: string;
  /** An image of a registry, or the stage it starts from. */
  readonly base: string;
  readonly steps: readonly (CopyStep | RunStep)[];
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly volumes: readonly string[];
  /** As it would be executed; empty where there is none. */
  readonly cmd: readonly string[];
  readonly healthcheck: readonly string[];
}

const bare: Omit<Stage, 'name' | 'base'> = {
  steps: [],
  workdir: '/',
  env: {},
  user: 'root',
  volumes: [],
  cmd: [],
  healthcheck: [],
};

/** @throws Error for an instruction that nothing here knows how to check */
export function readDockerfile(path: string): ReadonlyMap<string, Stage> {
  const stages = new Map<string, Stage>();
  let current: Stage | undefined;
  for (const instruction of DockerfileParser.parse(readFileSync(path, 'utf8')).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') current = begin(instruction as From, stages);
    else if (current) current = { ...current, ...change(instruction, current) };
    if (current) stages.set(current.name, current);
  }
  return stages;
}

function begin(from: From, stages: ReadonlyMap<string, Stage>): Stage {
  const base = from.getImage() ?? '';
  return { ...bare, ...stages.get(base), steps: [], base, name: from.getBuildStage() ?? '' };
}

function change(instruction: Instruction, stage: Stage): Partial<Stage> {
  const values = instruction.getArguments().map((argument) => argument.getValue());
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      return { workdir: values[0] ?? '/' };
    case 'USER':
      return { user: values[0] ?? '' };
    case 'VOLUME':
      return { volumes: values };
    case 'ENV':
      return { env: { ...stage.env, ...Object.fromEntries(values.map(assignment)) } };
    case 'RUN':
      return { steps: [...stage.steps, { kind: 'run', command: instruction.getArgumentsContent() ?? '' }] };
    case 'COPY':
      return { steps: [...stage.steps, copyStep(instruction as Copy)] };
    case 'CMD':
      return { cmd: execForm(instruction.getArgumentsContent()) };
    case 'HEALTHCHECK':
      return {
        healthcheck: execForm((instruction as Healthcheck).getArgumentsContent()?.replace(/^.*?CMD/s, '')),
      };
    case 'EXPOSE':
    case 'STOPSIGNAL':
      return {};
    default:
      throw new Error(`${instruction.getKeyword()} is not checked yet.`);
  }
}

function assignment(text: string): [string, string] {
  const [name = '', ...value] = text.split('=');
  return [name, value.join('=')];
}

function copyStep(copy: Copy): CopyStep {
  const values = copy.getArguments().map((argument) => argument.getValue());
  const flag = (name: string) =>
    copy
      .getFlags()
      .find((candidate) => candidate.getName() === name)
      ?.getValue();
  return {
    kind: 'copy',
    from: flag('from') ?? undefined,
    owner: flag('chown') ?? undefined,
    sources: values.slice(0, -1),
    target: values.at(-1) ?? '',
  };
}

/** The exec form only: with a shell in between, the process would not get the signals. */
function execForm(text: string | null | undefined): string[] {
  return JSON.parse(text ?? '') as string[];
}
