import { afterAll, beforeAll, describe } from '@jest/globals';
import {
  type FlowProcesses,
  type SandboxFlow,
  sandboxFlow,
  startFlowProcesses,
} from '../support/sandbox-flow.js';
import { net2phoneCanada } from './net2phone-canada.js';
import { vonageBusiness } from './vonage-business.js';
import { vonageContactCenter } from './vonage-contact-center.js';
import { vonageNetwork } from './vonage-network.js';

/** The last one kills the worker. */
const providers = {
  'vonage-contact-center': vonageContactCenter,
  'net2phone-canada': net2phoneCanada,
  'vonage-business': vonageBusiness,
  'vonage-network': vonageNetwork,
};

/** Each has a tenant of its own. */
describe('the flows of a provider', () => {
  let processes: FlowProcesses;

  beforeAll(async () => {
    processes = await startFlowProcesses();
  }, 60_000);
  afterAll(() => processes?.installation.close());

  describe.each(Object.entries(providers))('%s', (provider, tests) => {
    const flow = {} as SandboxFlow;
    beforeAll(async () => {
      Object.assign(flow, await sandboxFlow(processes, provider));
    });
    tests(flow);
  });
});
