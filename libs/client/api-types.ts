export interface Token {
  access_token: string;
  token_type: string;
  expires_in: number | null;
  expires_at: string | null;
  scope: string | null;
  generation: number;
  fields?: Readonly<Record<string, string>> | undefined;
}
export interface RejectionAnswer {
  generation: number;
  renewed: boolean;
}
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string | undefined;
  code: 'not_found';
  remedy?: string | undefined;
  [member: string]: unknown;
}
