import { isModuleNamespaceObject } from 'node:util/types';
import vm from 'node:vm';
import { ModernFakeTimers } from '@jest/fake-timers';
import { TestEnvironment } from 'jest-environment-node';
import { ModuleMocker } from 'jest-mock';

/** Stands where Jest asks for a context, and means the realm of the worker itself. */
const workerRealm = Object.freeze({});

/**
 * Runs each suite in the realm of its worker instead of a context of its own: packages that were loaded once serve
 * all suites of the worker, and `instanceof` holds between both.
 */
export default class OneRealmEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new ModernFakeTimers({ config: config.projectConfig, global: globalThis });
    this.variables = { ...process.env };
  }

  /**
   * As Node has it. Jest wants a hundred places of each error, in its own realm alone: here they would be collected for
   * each `expect` too, and for each error that the product or a package catches.
   */
  async setup() {
    await super.setup();
    Error.stackTraceLimit = 10;
  }

  getVmContext() {
    return workerRealm;
  }

  /** Takes back what a suite did to the realm it shares. */
  async teardown() {
    this.moduleMocker.restoreAllMocks();
    for (const name of Object.keys(process.env)) {
      if (!Object.hasOwn(this.variables, name)) delete process.env[name];
    }
    Object.assign(process.env, this.variables);
    await super.teardown();
  }
}

const { SourceTextModule, SyntheticModule, compileFunction } = vm;

vm.SourceTextModule = class extends SourceTextModule {
  constructor(source, options) {
    super(source, inItsRealm(options));
  }
};

vm.SyntheticModule = class extends SyntheticModule {
  constructor(names, evaluate, options) {
    const evaluateAsNode = function () {
      const setExport = (name, value) => this.setExport(name, name === 'default' ? defaultOf(value) : value);
      evaluate.call({ setExport });
    };
    super(names, evaluateAsNode, inItsRealm(options));
  }
};

vm.compileFunction = (source, parameters, { parsingContext, ...options } = {}) =>
  compileFunction(
    source,
    parameters,
    parsingContext === workerRealm ? options : { ...options, parsingContext },
  );

function inItsRealm({ context, ...options }) {
  return context === workerRealm ? options : { ...options, context };
}

/** Of an ES module that Node loaded, Jest takes the whole namespace for the default. */
function defaultOf(value) {
  return isModuleNamespaceObject(value) && 'default' in value ? value.default : value;
}
