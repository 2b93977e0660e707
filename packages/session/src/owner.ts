/** Whose caps and budget a session takes from. */

/** A key without a principal may name a path: its sessions are those of many callers. */
export function isAnonymous (principalKey: string): boolean {
  return principalKey === '' || principalKey.startsWith(' ')
}

/** The principal; for an anonymous caller its address, because one of many must not take what is there for all. */
export function ownerOf (principalKey: string, address: string): string {
  return address !== '' && isAnonymous(principalKey) ? `${principalKey} from ${network(address)}` : principalKey
}

/** An IPv6 client has a network of 64 bits for itself and may use any address of it. */
function network (address: string): string {
  if (!address.includes(':')) return address
  const [head = ''] = address.split('::', 1)
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).map(group => group === '' ? '0' : group).join(':') + '::/64'
}
