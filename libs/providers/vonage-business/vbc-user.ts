/** Vendor page: "you will need to append @vbc.prod to your username". */
const suffix = '@vbc.prod';

/** The user name on the wire: with the suffix, once, also where the name is an e-mail address. */
export function vbcUsername(username: string): string {
  return username.toLowerCase().endsWith(suffix) ? username : username + suffix;
}

/** One user under one name, however it was written. */
export function vbcUser(name: string): string {
  return vbcUsername(name.trim()).toLowerCase().slice(0, -suffix.length);
}
