import type { VonageNetworkSettings } from './vonage-network.schemas.js';

type Region = Pick<VonageNetworkSettings, 'region'>;

/** The pages name `api-eu` throughout; the other regions exist, and are not verified. */
const origin = ({ region }: Region) => `https://api-${region}.vonage.com`;

/** Vendor page "Client Authentication", step 2. */
export const networkEnablementUrl = (at: Region) => `${origin(at)}/v0.1/network-enablement`;

/** Vendor pages "Client Authentication", step 6, and "Network API Authentication", step 2. */
export const tokenUrl = (at: Region) => `${origin(at)}/oauth2/token`;

/** Vendor page "Network API Authentication", step 1. */
export const backchannelUrl = (at: Region) => `${origin(at)}/oauth2/bc-authorize`;
