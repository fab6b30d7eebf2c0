import { BlockList, isIP } from 'node:net';

/**
 * The special-purpose registries of IANA for IPv4 and IPv6, as of 2025: whatever is not globally reachable, or
 * could lead back inside through a translator or tunnel. IPv4 and IPv6 are kept in separate lists because Node
 * compares an IPv4 address with an IPv6 subnet in its mapped form.
 */
const notPublicV4 = subnets('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata services of the clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16',
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);

/** RFC 4291 §2.4: what may be public at all. Mapped IPv4, NAT64, unique-local and link-local are outside of it. */
const globalUnicastV6 = subnets('ipv6', ['2000::/3']);

const notPublicV6 = subnets('ipv6', [
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
]);

/** False for everything that is not an IP address in its plain form. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.check(address, 'ipv4');
    case 6:
      return (
        !address.includes('%') &&
        globalUnicastV6.check(address, 'ipv6') &&
        !notPublicV6.check(address, 'ipv6')
      );
    default:
      return false;
  }
}

function subnets(family: 'ipv4' | 'ipv6', cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', prefix] = cidr.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
