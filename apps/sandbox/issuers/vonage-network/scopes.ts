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

/** As CAMARA has published them since, each beside a purpose that is a scope of its own. */
const CAMARA_SCOPES: Readonly<Record<string, string>> = {
  'number-verification:verify': NUMBER_VERIFICATION,
  'number-verification:verify:read': NUMBER_VERIFICATION,
  'sim-swap:check': 'check-sim-swap',
  'sim-swap:retrieve-date': 'retrieve-sim-swap-date',
};

const SCOPE = /^dpv:([A-Za-z]+)#([a-z:-]+)$/;

const E164 = /^\+[1-9]\d{6,14}$/;

/** The API scope behind the purpose; `undefined` where the text is neither `dpv:<purpose>#<known scope>` nor CAMARA's two. */
export function apiScopeOf(scope: string): string | undefined {
  const [, purpose = '', apiScope = ''] = SCOPE.exec(joined(scope)) ?? [];
  const known = CAMARA_SCOPES[apiScope] ?? apiScope;
  return PURPOSES.includes(purpose) && API_SCOPES.includes(known) ? known : undefined;
}

/** A purpose as a scope of its own, joined with the other as the page has it. */
export function joined(scope: string): string {
  const names = scope.split(' ');
  const [purpose, apiScope] = names[0]?.startsWith('dpv:') ? names : names.toReversed();
  return names.length === 2 && purpose?.includes('#') === false ? `${purpose}#${apiScope}` : scope;
}

export function isE164(phoneNumber: string): boolean {
  return E164.test(phoneNumber);
}
