/**
 * SHA-256 of API keys, in JavaScript. OpenSSL takes less time for it in a loop, but once per request its code is in no cache of the
 * processor: there it costs several times as much.
 */
import { sha256 } from '@noble/hashes/sha2.js'

/** 32 bytes. */
export type Digest = Uint8Array

const encoder = new TextEncoder()

/** Of a key as it is shown. */
export function digestOf (key: string): Digest {
  return sha256(encoder.encode(key))
}

/** From 64 digits. */
export function fromHex (hex: string): Digest {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

/** In the same time wherever they differ. */
export function sameDigest (one: Digest, other: Digest): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i++) difference |= at(one, i) ^ at(other, i)
  return difference === 0
}

/** The first 32 bits, which tell keys apart well enough to look them up by. */
export function bucketOf (digest: Digest): number {
  return at(digest, 0) << 24 | at(digest, 1) << 16 | at(digest, 2) << 8 | at(digest, 3)
}

function at (bytes: Digest, index: number): number {
  return bytes[index] ?? 0
}
