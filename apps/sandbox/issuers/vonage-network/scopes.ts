/** The purposes of the vendor's list; each application is approved for all of them here. */
const PURPOSES = ['FraudPreventionAndDetection', 'NotApplicable'];

export const NUMBER_VERIFICATION = 'number-verification-verify-read';

const API_SCOPES = [
  'check-sim-swap',
  'retrieve-sim-swap-date',
  'location-verification:verify',
  'device-status:roaming:read',
  'device-status:connectivity:read',
  NUMBER_VERIFICATION,
];

const SCOPE = /^dpv:([A-Za-z]+)#([a-z:-]+)$/;

const E164 = /^\+[1-9]\d{6,14}$/;

/** The API scope behind the purpose; `undefined` where the text is not `dpv:<purpose>#<known scope>`. */
export function apiScopeOf(scope: string): string | undefined {
  const [, purpose = '', apiScope = ''] = SCOPE.exec(scope) ?? [];
  return PURPOSES.includes(purpose) && API_SCOPES.includes(apiScope) ? apiScope : undefined;
}

export function isE164(phoneNumber: string): boolean {
  return E164.test(phoneNumber);
}
