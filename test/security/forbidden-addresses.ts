/** Networks that no call may reach, by one address of each; the canary hears those of the machine itself. */
const inside = [
  '127.0.0.1',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.0.0.1',
  '192.168.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];

/** Of the machine itself, as hosts. */
const itself = [
  '127.1',
  '127.0.1',
  '127.0.0.1.',
  '127.0.0.2',
  '127.127.127.127',
  '127.255.255.254',
  '0177.1',
  '0x7f.1',
  '0x7f.0.1',
  '0X7F.0x0.0.01',
  '2130706433.',
  '0',
  '0.0.0.0',
  '0x0',
  '00.0.0.0',
  '%31%32%37.0.0.1',
  '127%2e0%2e0%2e1',
  '１２７.0.0.1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '127．0．0．1',
  '127｡0｡0｡1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'any.localhost',
  'ｌｏｃａｌｈｏｓｔ',
  'loc%61lhost',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b:1::127.0.0.1]',
  '[::ffff:7f00:0001]',
];

/** Of IPv6, which lead inside or nowhere. */
const insideV6 = [
  'fe80::1',
  'fec0::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
  '2001::1',
  '100::1',
];

/** Addresses that no call may reach, in every spelling that a parser of URLs may take for one of them. */
export function forbiddenAddresses(port: number): string[] {
  const hosts = [...inside.flatMap(spellingsOf), ...itself, ...insideV6.map((address) => `[${address}]`)];
  const here = `127.0.0.1:${port}`;
  return [
    ...hosts.map((host) => `https://${host}:${port}/x`),
    `https://${here}`,
    `https://anybody@${here}/x`,
    `https://provider.example:secret@${here}/x`,
    `https://provider.example%40${here}/x`,
    `https:${here}/x`,
    `https:/${here}/x`,
    `https:\\\\${here}\\x`,
    `https:///${here}/x`,
    `\thttps://${here}/x`,
    `https://127.0.\n0.1:${port}/x`,
    `HTTPS://${here}/x`,
    `https://${here}/x#@provider.example`,
    `https://${here}/x?y=https://provider.example/`,
    `https://${here}\\@provider.example/x`,
    `http://${here}/x`,
    `http://[::1]:${port}/x`,
    `ws://${here}/x`,
    `ftp://${here}/x`,
    `gopher://${here}/_x`,
    'file:///etc/passwd',
    `data:text/plain,${here}`,
    `//${here}/x`,
  ];
}

function spellingsOf(address: string): string[] {
  const parts = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (part: number) => part.toString(16);
  const groups = `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
  return [
    address,
    String(number),
    `0x${hex(number)}`,
    `0${number.toString(8)}`,
    parts.map((part) => `0${part.toString(8)}`).join('.'),
    parts.map((part) => `0x${hex(part)}`).join('.'),
    `[::ffff:${address}]`,
    `[::${address}]`,
    `[64:ff9b::${address}]`,
    `[2002:${groups}::]`,
  ];
}
