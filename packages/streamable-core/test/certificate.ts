/** A certificate for `localhost`, made when it is needed: one in a file would expire, and its key would be in the repository. */
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** Self-signed, for `localhost` and 127.0.0.1, valid for a day before and after now. */
export function selfSigned (): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from('localhost')))
  const name = der(0x30, der(0x31, commonName))
  const names = der(0x30, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const subjectAltName = der(0x30, der(0x06, Buffer.from('551d11', 'hex')), der(0x04, names))
  const day = 24 * 60 * 60_000
  const body = der(0x30,
    der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([1])), ecdsaWithSha256, name,
    der(0x30, time(Date.now() - day), time(Date.now() + day)), name, publicKey, der(0xa3, der(0x30, subjectAltName)))
  const signature = sign('sha256', body, createPrivateKey(privateKey))
  const certificate = der(0x30, body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  return { key: privateKey, cert: new X509Certificate(certificate).toString() }
}

/** One value of ASN.1 in its distinguished encoding. */
function der (tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), content])
}

function time (ms: number): Buffer {
  return der(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')))
}
